import { Command, CommanderError } from 'commander'
import { AtlasError } from '../core/errors/AtlasError.ts'
import type { Terminal } from './Terminal.ts'

/** What a shell can conclude from the way a command ended. */
export const EXIT = { done: 0, differences: 1, badArguments: 2, badInput: 3, bug: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Adds one command, its options and its action to the program. */
export type RegisterCommand = (program: Command, terminal: Terminal) => void

/**
 * Runs the command that `args` name and returns its exit code. An AtlasError is told in one sentence; anything else is
 * our mistake, told as "unexpected error", with the stack under `--debug`.
 */
export async function runCommands(
  commands: readonly RegisterCommand[],
  args: readonly string[],
  terminal: Omit<Terminal, 'reportDifferences'>,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  const reportDifferences = (): void => {
    exitCode = EXIT.differences
  }
  const program = createProgram(terminal)
  for (const register of commands) register(program, { ...terminal, reportDifferences })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badArguments
    if (error instanceof AtlasError) {
      terminal.tell(error.message)
      return error.code === 'arguments/invalid' ? EXIT.badArguments : EXIT.badInput
    }
    terminal.tell(`unexpected error: ${describeError(error, program.opts<{ debug?: boolean }>().debug === true)}`)
    return EXIT.bug
  }
}

function createProgram(terminal: Omit<Terminal, 'reportDifferences'>): Command {
  return new Command('atlas')
    .description('Turns a decomposed language model into a folder of static files, and asks it questions.')
    .option('--debug', 'print the stack of an unexpected error')
    .configureOutput({ writeOut: terminal.print, writeErr: (text) => terminal.tell(text.trimEnd()) })
    .exitOverride()
}

function describeError(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error)
  return withStack && error.stack !== undefined ? error.stack : error.message
}
