import { type Command, Option } from 'commander'
import type { ConvertOptions } from './convert.ts'
import type { Terminal } from './Terminal.ts'

export function registerConvert(program: Command, terminal: Terminal): void {
  program
    .command('convert')
    .description('Turns a checkpoint into a run bundle: graphs, weights, tokenizer and manifest in a folder.')
    .requiredOption('--checkpoint <file>', 'model_<step>.pth, or the same keys as .safetensors')
    .requiredOption('--config <file>', "the run's final_config.yaml")
    .requiredOption('--target <file>', "the target model's config.json or model_config.yaml")
    .requiredOption('--tokenizer <file>', "the target model's tokenizer.json")
    .requiredOption('--out <dir>', 'the bundle; a bundle that is there already is replaced')
    .option('--id <id>', "the run's name in links (default: the name of the folder)")
    .option('--title <title>', "the run's name on its pages (default: its id)")
    .addOption(
      new Option('--precision <p>', 'storage of the weights; i8 leaves the target model f16')
        .choices(['f32', 'f16', 'i8'])
        .default('f32'),
    )
    .addOption(new Option('--precision-v <p>', 'of the read vectors alone').choices(['f32', 'f16', 'i8']))
    .addOption(new Option('--precision-u <p>', 'of the write vectors alone').choices(['f32', 'f16', 'i8']))
    .addOption(
      new Option('--precision-ci <p>', 'of the CI functions alone; kind mlp is always f32').choices([
        'f32',
        'f16',
        'i8',
      ]),
    )
    .addOption(new Option('--precision-target <p>', 'of the target model alone').choices(['f32', 'f16']))
    .option(
      '--keep-active <dir>',
      'leave subcomponents out of the graphs that never fired in this harvest, or by the index of this bundle',
    )
    .action(async (options: ConvertOptions) => {
      const { convert } = await import('./convert.ts')
      await convert(options, terminal)
    })
}
