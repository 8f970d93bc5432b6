import { describe, expect, test } from 'vitest'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { type RegisterCommand, runCommands } from '../../pipeline/runCommands.ts'

function recorder() {
  const printed: string[] = []
  const told: string[] = []
  const terminal = {
    print: (text: string) => void printed.push(text),
    tell: (line: string) => void told.push(line),
    onProgress: () => undefined,
  }
  return { printed, told, terminal }
}

/** A command "work" that does what `act` does. */
const work =
  (act: (reportDifferences: () => void) => void): RegisterCommand =>
  (program, { reportDifferences }) => {
    program
      .command('work')
      .requiredOption('--out <file>', 'where to')
      .action(() => act(reportDifferences))
  }

const throwing = (error: unknown): RegisterCommand =>
  work(() => {
    throw error
  })

describe('runCommands', () => {
  test('exits with 0 where the command did its work', async () => {
    const { terminal, told } = recorder()
    expect(await runCommands([work(() => undefined)], ['work', '--out', 'x'], terminal)).toBe(0)
    expect(told).toEqual([])
  })

  test('exits with 1 where what was verified differs', async () => {
    const command = work((reportDifferences) => reportDifferences())
    expect(await runCommands([command], ['work', '--out', 'x'], recorder().terminal)).toBe(1)
  })

  test.each([
    [['work'], "error: required option '--out <file>' not specified"],
    [['work', '--out', 'x', '--fast'], "error: unknown option '--fast'"],
    [['sleep'], "error: unknown command 'sleep'"],
  ])('exits with 2 on bad arguments: %j', async (args, message) => {
    const { terminal, told } = recorder()
    // A second command, since a program of one takes an unknown name for one argument too many.
    const other: RegisterCommand = (program) => void program.command('rest')
    expect(await runCommands([work(() => undefined), other], args, terminal)).toBe(2)
    expect(told).toEqual([message])
  })

  test('exits with 2 where the command finds its arguments bad', async () => {
    const { terminal, told } = recorder()
    const error = new AtlasError('arguments/invalid', '--id "a b": expected letters')
    expect(await runCommands([throwing(error)], ['work', '--out', 'x'], terminal)).toBe(2)
    expect(told).toEqual(['--id "a b": expected letters'])
  })

  test('exits with 3 on bad input, told in one sentence', async () => {
    const { terminal, told } = recorder()
    const error = new AtlasError('format/malformed', 'model_1.pth: no zip')
    expect(await runCommands([throwing(error)], ['work', '--out', 'x'], terminal)).toBe(3)
    expect(told).toEqual(['model_1.pth: no zip'])
  })

  test('exits with 4 on a mistake of ours, with the stack under --debug', async () => {
    const { terminal, told } = recorder()
    const command = throwing(new TypeError('x is undefined'))
    expect(await runCommands([command], ['work', '--out', 'x'], terminal)).toBe(4)
    expect(await runCommands([command], ['work', '--out', 'x', '--debug'], terminal)).toBe(4)
    expect(told[0]).toBe('unexpected error: x is undefined')
    expect(told[1]).toMatch(/^unexpected error: TypeError: x is undefined\n {4}at /)
  })

  test('prints help and exits with 0', async () => {
    const { terminal, printed } = recorder()
    expect(await runCommands([work(() => undefined)], ['work', '--help'], terminal)).toBe(0)
    expect(printed.join('')).toContain('--out <file>')
  })
})
