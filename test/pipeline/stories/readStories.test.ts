import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import { readStories, withoutEmptyStories } from '../../../pipeline/stories/readStories.ts'
import { fixturePath, readAll, readTexts, test } from './storyFolder.ts'

const fixtureStories: readonly string[] = JSON.parse(readFileSync(fixturePath('stories.json'), 'utf8'))

describe('stories of .jsonl files', () => {
  test('come with source, index and line', async ({ folder }) => {
    const path = await folder.write('stories.jsonl', '{"story":"One."}\n{"topic":"sea","story":"Two 🎵."}\n')
    const { stories } = await readAll([path])
    expect(stories).toEqual([
      { text: 'One.', source: 'stories.jsonl', index: 0, place: 'stories.jsonl:1' },
      { text: 'Two 🎵.', source: 'stories.jsonl', index: 1, place: 'stories.jsonl:2' },
    ])
  })

  test('are read from the field that is named', async ({ folder }) => {
    const path = await folder.write('a.jsonl', '{"story":"no","text":"yes"}')
    expect(await readTexts([path], { field: 'text' })).toEqual(['yes'])
  })

  test('may have a byte order mark, Windows line ends, empty lines and no line end', async ({ folder }) => {
    const path = await folder.write('a.jsonl', '\ufeff{"story":"One."}\r\n\r\n  \n{"story":"Two."}')
    const { stories } = await readAll([path])
    expect(stories.map(({ text, place }) => [text, place])).toEqual([
      ['One.', 'a.jsonl:1'],
      ['Two.', 'a.jsonl:4'],
    ])
  })

  test('keep every character of their text', async ({ folder }) => {
    const text = '  \u2028\ufeff\u0000 é\ud83c\udfb5\r\n '
    const path = await folder.write('a.jsonl', JSON.stringify({ story: text }))
    expect(await readTexts([path])).toEqual([text])
  })

  test('longer than a chunk of the file are read whole', async ({ folder }) => {
    // Chunks are of 1 MiB: the second story lies in two of them, the third in three.
    const texts = ['a'.repeat(700_000), 'é'.repeat(400_000), 'c'.repeat(2_500_000), 'd']
    const path = await folder.write('a.jsonl', texts.map((story) => `${JSON.stringify({ story })}\n`).join(''))
    expect(await readTexts([path])).toEqual(texts)
  })
})

describe('stories of .txt files', () => {
  test('are separated by blank lines where there is no marker', async ({ folder }) => {
    const path = await folder.write('a.txt', '\nOne day,\n a girl.\n \t\n\n\nTwo.\r\nMore.\r\n\r\nThree.')
    const { stories, counts } = await readAll([path])
    expect(stories.map(({ text, place }) => [text, place])).toEqual([
      ['One day,\n a girl.', 'a.txt:2'],
      ['Two.\nMore.', 'a.txt:7'],
      ['Three.', 'a.txt:10'],
    ])
    expect(counts.sources[0]?.separator).toBe('blank-line')
  })

  test('are separated by <|endoftext|> where it occurs, and keep their blank lines', async ({ folder }) => {
    const path = await folder.write('a.txt', 'One.\n\nMore.\n<|endoftext|>\n\nTwo.<|endoftext|>Three.\n<|endoftext|>\n')
    const { stories, counts } = await readAll([path])
    expect(stories.map(({ text, place }) => [text, place])).toEqual([
      ['One.\n\nMore.', 'a.txt:1'],
      ['Two.', 'a.txt:6'],
      ['Three.', 'a.txt:6'],
    ])
    expect(counts.sources[0]?.separator).toBe('endoftext')
  })

  test('lose a byte order mark at the start of the file and nowhere else', async ({ folder }) => {
    const path = await folder.write('a.txt', '\ufeffOne.\n\n\ufeffTwo.')
    expect(await readTexts([path])).toEqual(['One.', '\ufeffTwo.'])
  })

  test('that are empty between two markers are kept and counted', async ({ folder }) => {
    const path = await folder.write(
      'a.txt',
      '<|endoftext|>One.<|endoftext|> \n<|endoftext|><|endoftext|>Two.<|endoftext|>',
    )
    const { stories, counts } = await readAll([path])
    expect(stories.map(({ text }) => text)).toEqual(['One.', '', '', 'Two.'])
    expect(counts).toMatchObject({ stories: 4, emptyStories: 2 })
  })

  test('follow the separator that is given, whatever the file holds', async ({ folder }) => {
    const path = await folder.write('a.txt', 'One <|endoftext|>\nmore.\n\nTwo.')
    const { stories, counts } = await readAll([path], { separator: 'blank-line' })
    expect(stories.map(({ text }) => text)).toEqual(['One <|endoftext|>\nmore.', 'Two.'])
    expect(counts.sources[0]?.separator).toBe('blank-line')
    expect(await readTexts([path], { separator: 'endoftext' })).toEqual(['One', 'more.\n\nTwo.'])
  })

  test('find the marker at the very end of what is looked at', async ({ folder }) => {
    // The longest story that the limit of 4 MiB allows, then the marker.
    const longest = 'a'.repeat(4 * 2 ** 20)
    const path = await folder.write('a.txt', `${longest}<|endoftext|>\n\nTwo.`)
    expect(await readTexts([path])).toEqual([longest, 'Two.'])
  })
})

describe('stories of .parquet files', () => {
  // Each by another writer, compression, encoding or page format; see fixtures/makeFixtures.py.
  test.for([
    'snappy',
    'zstd',
    'gzip',
    'brotli',
    'uncompressed',
    'zstd-pages-v2',
    'dictionary-pages-v2',
    'delta',
    'delta-length',
    'required',
    'categories',
    'bytes',
    'duckdb',
    'polars',
  ])('%s.parquet are the ten that were written', async (name) => {
    const { stories, counts } = await readAll([fixturePath(`${name}.parquet`)])
    expect(stories.map(({ text }) => text)).toEqual(fixtureStories)
    expect(stories.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(stories[9]?.place).toBe(`${name}.parquet:10`)
    expect(counts).toMatchObject({ stories: 10, emptyStories: 1 })
  })
})

test('rows of .parquet files are numbered across pages and row groups', async () => {
  const { stories } = await readAll([fixturePath('numbered.parquet')])
  const expected = Array.from({ length: 2500 }, (_, i) => [`Story ${i}.`, i, `numbered.parquet:${i + 1}`])
  expect(stories.map(({ text, index, place }) => [text, index, place])).toEqual(expected)
})

describe('gzipped files', () => {
  const json = '{"story":"One."}\n{"story":"Two."}\n'

  test('of every format read as what they hold', async ({ folder }) => {
    const paths = [
      await folder.write('a.jsonl.gz', gzipSync(json)),
      await folder.write('b.txt.gz', gzipSync('One.\n\nTwo.\n')),
      await folder.write('c.parquet.gz', gzipSync(readFileSync(fixturePath('zstd.parquet')))),
    ]
    const { stories, counts } = await readAll(paths)
    expect(stories.map(({ text }) => text)).toEqual(['One.', 'Two.', 'One.', 'Two.', ...fixtureStories])
    expect(counts.sources.map(({ source, stories }) => [source, stories])).toEqual([
      ['a.jsonl.gz', 2],
      ['b.txt.gz', 2],
      ['c.parquet.gz', 10],
    ])
  })

  test('of .parquet may be longer than a chunk', async ({ folder }) => {
    // Between the pages and the footer, whose length stands in the last eight bytes, a file may hold anything.
    const file = readFileSync(fixturePath('zstd.parquet'))
    const footer = file.length - 8 - file.readUInt32LE(file.length - 8)
    const padding = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * i) >> 8))
    const long = Buffer.concat([file.subarray(0, footer), padding, file.subarray(footer)])
    expect(await readTexts([await folder.write('a.parquet.gz', gzipSync(long))])).toEqual(fixtureStories)
  })

  test('of several members are read to the end, and zeros behind them are padding', async ({ folder }) => {
    const members = Buffer.concat([gzipSync(json), gzipSync('{"story":"Three."}'), Buffer.alloc(512)])
    expect(await readTexts([await folder.write('a.jsonl.gz', members)])).toEqual(['One.', 'Two.', 'Three.'])
  })

  test('that pack a story well are read whole', async ({ folder }) => {
    // 40 stories of 400 kB of one letter, 16 MB in about 16 kB: below the size where growth is judged.
    const text = 'a'.repeat(400_000)
    const path = await folder.write('a.jsonl.gz', gzipSync(`{"story":"${text}"}\n`.repeat(40)))
    expect((await readTexts([path])).length).toBe(40)
  })
})

describe('reading', () => {
  test('takes several files and folders in order and tells sources of one name apart', async ({ folder }) => {
    await folder.write('train/0001.jsonl', '{"story":"Two."}')
    await folder.write('train/0000.jsonl', '{"story":"One."}')
    await folder.write('train/README.md', 'about')
    const test = await folder.write('test/0000.jsonl', '{"story":"Three."}')
    const { stories, counts } = await readAll([`${folder.path}/train`, test])
    expect(stories.map(({ text, place }) => [text, place])).toEqual([
      ['One.', 'train/0000.jsonl:1'],
      ['Two.', '0001.jsonl:1'],
      ['Three.', 'test/0000.jsonl:1'],
    ])
    expect(counts.otherPaths).toEqual([`${folder.path}/train/README.md`])
  })

  test('counts while it goes', async ({ folder }) => {
    const path = await folder.write('a.jsonl', '{"story":"One."}\n{"story":" "}\n{"story":"Three."}')
    const stories = readStories([path])
    const seen: number[] = []
    for await (const _ of stories) seen.push(stories.counts.stories)
    expect(seen).toEqual([1, 2, 3])
    expect(stories.counts.emptyStories).toBe(1)
  })

  test('can leave out empty stories, which keep their number and are counted', async ({ folder }) => {
    const path = await folder.write('a.jsonl', '{"story":"One."}\n{"story":" \\n\\t"}\n{"story":"Three."}')
    const stories = readStories([path])
    const read: (readonly [string, number])[] = []
    for await (const { text, index } of withoutEmptyStories(stories)) read.push([text, index])
    expect(read).toEqual([
      ['One.', 0],
      ['Three.', 2],
    ])
    expect(stories.counts).toMatchObject({ stories: 3, emptyStories: 1 })
  })

  test('closes the file when the reader stops early', async ({ folder }) => {
    const line = `${JSON.stringify({ story: 'a'.repeat(1000) })}\n`
    const paths = [
      await folder.write('a.jsonl', line.repeat(4000)),
      await folder.write('a.jsonl.gz', gzipSync(line.repeat(4000))),
      await folder.write('a.parquet.gz', gzipSync(readFileSync(fixturePath('zstd.parquet')))),
    ]
    const before = openFiles()
    for (const path of paths) {
      for await (const { index } of readStories([path])) if (index === 2) break
    }
    // Node closes what a stream was reading from in a later turn of its loop.
    await expect.poll(openFiles).toEqual(before)
  })

  test('happens once', async ({ folder }) => {
    const stories = readStories([await folder.write('a.jsonl', '{"story":"One."}')])
    for await (const _ of stories);
    await expect(stories[Symbol.asyncIterator]().next()).rejects.toThrow('stories are read a second time')
  })
})

/** Story files that this process holds open, on systems that tell. */
function openFiles(): readonly string[] {
  const descriptors = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : []
  return descriptors
    .map((descriptor) => join('/proc/self/fd', descriptor))
    .filter((link) => existsSync(link))
    .map((link) => readlinkSync(link))
    .filter((path) => path.includes('atlas-'))
}
