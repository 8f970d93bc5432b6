import type { Command } from 'commander'
import type { Terminal } from './Terminal.ts'
import type { WriteIndexOptions } from './writeIndex.ts'

export function registerIndex(program: Command, terminal: Terminal): void {
  program
    .command('index')
    .description('Writes the index of a harvest into its bundle: what the pages read.')
    .requiredOption('--bundle <dir>', 'the run bundle; an index that is there already is replaced')
    .option('--harvest <dir>', 'what `harvest` wrote')
    .option('--spd-harvest <dir>', "in its place, what the spd package's own harvest left")
    .option('--grammar <file>', 'grammar.json of the corpus, from which the page makes fresh stories')
    .option('--no-stories', "leave the whole stories out, which only `verify` reads; the examples' windows stay")
    .action(async (options: WriteIndexOptions) => {
      const { writeIndex } = await import('./writeIndex.ts')
      await writeIndex(options, terminal)
    })
}
