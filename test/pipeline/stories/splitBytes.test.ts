import { describe, expect, test } from 'vitest'
import { type Piece, splitBytes } from '../../../pipeline/stories/splitBytes.ts'

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length)
}

async function split(
  text: string,
  delimiter: string,
  chunkLength: number,
): Promise<readonly (readonly [string, number])[]> {
  const pieces: Piece[] = []
  const chunks = inChunks(Buffer.from(text), chunkLength)
  for await (const batch of splitBytes(chunks, Buffer.from(delimiter), 'a.txt')) pieces.push(...batch)
  return pieces.map(({ bytes, line }) => [bytes.toString(), line])
}

describe('pieces of a byte stream', () => {
  // Every length of chunk, so that each delimiter is cut at each of its bytes.
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))('are the same in chunks of %i bytes', async (chunkLength) => {
    expect(await split('é\nb\n\nd', '\n', chunkLength)).toEqual([
      ['é', 1],
      ['b', 2],
      ['', 3],
      ['d', 4],
    ])
    expect(await split('a\n<|end|>b<|e\n<|end|><|end|>', '<|end|>', chunkLength)).toEqual([
      ['a\n', 1],
      ['b<|e\n', 2],
      ['', 3],
    ])
  })

  test('start behind a byte order mark at the very start only', async () => {
    expect(await split('\ufeffa\n\ufeffb', '\n', 100)).toEqual([
      ['a', 1],
      ['\ufeffb', 2],
    ])
  })

  test('of an empty stream are none', async () => {
    expect(await split('', '\n', 1)).toEqual([])
  })
})
