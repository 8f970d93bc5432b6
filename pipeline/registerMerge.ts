import type { Command } from 'commander'
import type { Terminal } from './Terminal.ts'

interface MergeArguments {
  readonly out: string
  readonly removeParts?: boolean
}

export function registerMerge(program: Command, terminal: Terminal): void {
  program
    .command('merge')
    .description('Adds the parts that the shards of a harvest have written up into the harvest.')
    .argument('<parts...>', 'folders of parts (`harvest --out X` writes X.parts)')
    .requiredOption('--out <dir>', 'the harvest, for `index`; a harvest that is there already is replaced')
    .option('--remove-parts', 'remove the parts once they are merged')
    .action(async (parts: string[], options: MergeArguments) => {
      const { merge } = await import('./merge.ts')
      await merge({ ...options, parts }, terminal)
    })
}
