import type { Command } from 'commander'
import type { Terminal } from './Terminal.ts'

export function registerVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description(
      'Checks a bundle: files, sizes, hashes, versions, and that its tables agree. Exit code 1 if they do not.',
    )
    .requiredOption('--bundle <dir>', 'the run bundle')
    .action(async ({ bundle }: { readonly bundle: string }) => {
      const { verify } = await import('./verify.ts')
      await verify(bundle, terminal)
    })
}
