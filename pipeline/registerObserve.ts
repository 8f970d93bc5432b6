import type { Command } from 'commander'
import type { ObserveOptions } from './observe.ts'
import { addStoryOptions, addThreadsOption } from './storyOptions.ts'
import type { Terminal } from './Terminal.ts'

export function registerObserve(program: Command, terminal: Terminal): void {
  const command = program
    .command('observe')
    .description('Runs a story through the target model and writes logits, inner activations and causal importances.')
    .requiredOption('--bundle <dir>', 'the run bundle')
  addThreadsOption(addStoryOptions(command))
    .requiredOption('--out <file>', 'safetensors: logits, inner_activation/<module>, causal_importance/<module>')
    .action(async (options: ObserveOptions) => {
      const { observe } = await import('./observe.ts')
      await observe(options, terminal)
    })
}
