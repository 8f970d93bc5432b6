import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { readLines } from '../../../core/bytes/readLines.ts'

async function linesOf(text: string, start = 0, maxBytes = 2 ** 24): Promise<[number, string][]> {
  const source = bytesByteSource(new TextEncoder().encode(text), 'x.jsonl')
  const lines: [number, string][] = []
  for await (const line of readLines(source, start, maxBytes)) {
    lines.push([line.start, new TextDecoder().decode(line.bytes)])
  }
  return lines
}

describe('readLines', () => {
  test('gives each line and where it starts', async () => {
    expect(await linesOf('ab\n\ncé\nd')).toEqual([
      [0, 'ab'],
      [3, ''],
      [4, 'cé'],
      [8, 'd'],
    ])
  })

  test('gives no line after the last line feed', async () => {
    expect(await linesOf('a\n')).toEqual([[0, 'a']])
    expect(await linesOf('')).toEqual([])
  })

  test('starts at any byte', async () => {
    expect(await linesOf('ab\ncd\n', 3)).toEqual([[3, 'cd']])
  })

  test('joins lines that run over the bytes read at a time', async () => {
    // 2^20 bytes are read at a time: one line ends there, one runs over two chunks.
    const first = 'x'.repeat(2 ** 20 - 1)
    const second = 'y'.repeat(2 ** 21)
    expect(await linesOf(`${first}\n${second}\nz`)).toEqual([
      [0, first],
      [2 ** 20, second],
      [2 ** 20 + 2 ** 21 + 1, 'z'],
    ])
  })

  test('refuses a line longer than its limit, without reading on', async () => {
    const text = `ab\n${'x'.repeat(5)}`
    expect(await linesOf(text, 0, 5)).toHaveLength(2)
    await expect(linesOf(text, 0, 4)).rejects.toMatchObject({
      code: 'format/too-large',
      message: 'x.jsonl: the line at byte 3 goes on for more than 4 bytes',
    })
    const endless = {
      name: 'endless',
      byteLength: 2 ** 40,
      slice: async (start: number, end: number) => new Uint8Array(end - start),
    }
    const lines = readLines(endless, 0, 2 ** 22)
    await expect(lines.next()).rejects.toThrow('endless: the line at byte 0 goes on for more than 4194304 bytes')
  })
})
