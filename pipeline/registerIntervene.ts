import { type Command, InvalidArgumentError } from 'commander'
import type { InterveneOptions } from './intervene.ts'
import { addStoryOptions, addThreadsOption } from './storyOptions.ts'
import type { Terminal } from './Terminal.ts'

export function registerIntervene(program: Command, terminal: Terminal): void {
  const command = program
    .command('intervene')
    .description('Runs a story with subcomponents masked and writes logits and the divergence from the target model.')
    .requiredOption('--bundle <dir>', 'the run bundle')
  addThreadsOption(addStoryOptions(command))
    .requiredOption('--delta <x>', 'share of the weight delta kept, 0 to 1', readDelta)
    .option('--masks <file>', 'safetensors: mask/<module> [T, C]; modules it leaves out are masked by 1')
    .option('--ablate <nodes>', 'set the mask of these to 0: <module>:<c> or <module>:<c>@<position>, by commas')
    .option('--keep <nodes>', 'keep only these: their mask is 1, any other 0')
    .requiredOption('--out <file>', 'safetensors: logits [T, vocabulary], kl [T] in nats from the target model')
    .action(async (options: InterveneOptions) => {
      const { intervene } = await import('./intervene.ts')
      await intervene(options, terminal)
    })
}

function readDelta(text: string): number {
  const delta = Number(text)
  if (text.trim() !== '' && delta >= 0 && delta <= 1) return delta
  throw new InvalidArgumentError('Expected a number from 0 to 1.')
}
