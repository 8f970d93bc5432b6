import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, vi } from 'vitest'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import { MAX_STORY_BYTES } from '../../../pipeline/stories/storyLimits.ts'
import { fixturePath, readTexts, test } from './storyFolder.ts'

const fixture = (name: string): Buffer => readFileSync(fixturePath(name))

interface Case {
  readonly what: string
  readonly content: string | Uint8Array
  readonly code?: string
  readonly message: string
}

/** One test a case: the file is refused with the code (format/malformed unless stated) and the message. */
function refuses(name: string, cases: readonly Case[]): void {
  for (const { what, content, code = 'format/malformed', message } of cases) {
    test(what, async ({ folder }) => expectRefused(await folder.write(name, content), code, message))
  }
}

async function expectRefused(path: string, code: string, message: string): Promise<void> {
  const error = await readTexts([path]).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AtlasError)
  expect(error).toMatchObject({ code, message })
}

describe('a .jsonl file is refused for', () => {
  const good = '{"story":"One."}\n'
  refuses('a.jsonl', [
    { what: 'a line that is not JSON', content: `${good}{"story":"Two.`, message: 'a.jsonl:2: is not JSON' },
    {
      what: 'a line without the field',
      content: `${good}{"text":"Two.","topic":"sea"}`,
      message: 'a.jsonl:2: has no field "story", its fields are "text", "topic"',
    },
    {
      what: 'a field that only all objects have',
      content: '{"a":1}',
      message: 'a.jsonl:1: has no field "story", its fields are "a"',
    },
    {
      what: 'a field that is null',
      content: '{"story":null}',
      message: 'a.jsonl:1: field "story" is null, expected text',
    },
    {
      what: 'a field that is a number',
      content: '{"story":7}',
      message: 'a.jsonl:1: field "story" is a number, expected text',
    },
    {
      what: 'a field that is a list',
      content: '{"story":["One."]}',
      message: 'a.jsonl:1: field "story" is a list, expected text',
    },
    { what: 'a line that is a list', content: '["One."]', message: 'a.jsonl:1: is a list, expected an object' },
    {
      what: 'half of a surrogate pair',
      content: `${good}${good}{"story":"a \\ud83c b"}`,
      message: 'a.jsonl:3: field "story" holds half of a surrogate pair',
    },
    {
      what: 'bytes that are not UTF-8',
      content: Buffer.concat([Buffer.from(good), Buffer.from('{"story":"caf\xe9"}', 'latin1')]),
      message: 'a.jsonl:2: is not UTF-8',
    },
    { what: 'UTF-16', content: Buffer.from(`\ufeff${good}`, 'utf16le'), message: 'a.jsonl:1: is not UTF-8' },
    { what: 'nesting without end', content: '['.repeat(MAX_STORY_BYTES), message: 'a.jsonl:1: is not JSON' },
    {
      what: 'a line beyond the limit',
      content: `${good}{"story":"${'a'.repeat(MAX_STORY_BYTES)}"}\n${good}`,
      code: 'format/too-large',
      message: 'a.jsonl:2: goes on for more than 4194304 bytes',
    },
    {
      what: 'a last line beyond the limit',
      content: `${good}{"story":"${'a'.repeat(3 * MAX_STORY_BYTES)}`,
      code: 'format/too-large',
      message: 'a.jsonl:2: goes on for more than 4194304 bytes',
    },
  ])

  test('a field named like a method of objects', async ({ folder }) => {
    const path = await folder.write('a.jsonl', '{"a":1}')
    await expect(readTexts([path], { field: 'constructor' })).rejects.toThrow('a.jsonl:1: has no field "constructor"')
  })
})

describe('a .txt file is refused for', () => {
  const paragraph = `${'a'.repeat(99)}\n`
  refuses('a.txt', [
    {
      what: 'bytes that are not UTF-8',
      content: Buffer.from('One.\n\ncaf\xe9\n', 'latin1'),
      message: 'a.txt:3: is not UTF-8',
    },
    {
      what: 'a story beyond the limit, of short lines',
      content: `One.\n\n${paragraph.repeat(50_000)}`,
      code: 'format/too-large',
      message: 'a.txt:3: goes on for more than 4194304 bytes',
    },
    {
      what: 'a story beyond the limit between markers',
      content: `One.\n<|endoftext|>${paragraph.repeat(50_000)}<|endoftext|>`,
      code: 'format/too-large',
      message: 'a.txt:2: goes on for more than 4194304 bytes',
    },
    {
      what: 'a marker after the part in which separators are looked for',
      content: `${paragraph}\n${`${paragraph}\n`.repeat(50_000)}Late.<|endoftext|>`,
      message:
        'a.txt:100003: holds <|endoftext|>, which the first 4194304 bytes do not, so that blank lines were taken to separate the stories',
    },
  ])
})

describe('a .gz file is refused for', () => {
  const packed = gzipSync('{"story":"One."}\n'.repeat(100))
  const damaged = Buffer.from(packed)
  damaged[damaged.length - 8] = (damaged[damaged.length - 8] ?? 0) ^ 1
  refuses('a.jsonl.gz', [
    {
      what: 'an end in the middle',
      content: packed.subarray(0, packed.length - 5),
      message: 'a.jsonl.gz: is not whole gzip data (unexpected end of file)',
    },
    {
      what: 'emptiness',
      content: '',
      message: 'a.jsonl.gz: is not whole gzip data (unexpected end of file)',
    },
    {
      what: 'a wrong check sum',
      content: damaged,
      message: 'a.jsonl.gz: is not whole gzip data (incorrect data check)',
    },
    {
      what: 'something else than gzip',
      content: '{"story":"One."}',
      message: 'a.jsonl.gz: is not whole gzip data (incorrect header check)',
    },
    {
      what: 'something behind its end',
      content: Buffer.concat([packed, Buffer.from('and more')]),
      message: 'a.jsonl.gz: is not whole gzip data (incorrect header check)',
    },
    {
      what: 'a line without end, small as it is packed',
      content: gzipSync(Buffer.alloc(40 * 2 ** 20)),
      code: 'format/too-large',
      message: 'a.jsonl.gz:1: goes on for more than 4194304 bytes',
    },
  ])

  test('growing beyond a hundredfold', async ({ folder }) => {
    const bomb = gzipSync(`{"story":"${'a'.repeat(4_000_000)}"}\n`.repeat(10))
    const path = await folder.write('a.jsonl.gz', bomb)
    const error = await readTexts([path]).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'format/too-large' })
    // 16 MiB and the chunk that goes beyond; deflate packs them about 1000 to 1.
    expect(String(error)).toMatch(
      /a\.jsonl\.gz: \d{5} bytes of gzip data hold more than 1[67]\d{6}, limit 100 times as many$/,
    )
  })

  test('growing beyond a hundredfold when it is to be unpacked before it is read, and leaves nothing behind', async ({
    folder,
  }) => {
    await folder.write('temporary/keep', '')
    vi.stubEnv('TMPDIR', `${folder.path}/temporary`)
    try {
      const path = await folder.write('a.parquet.gz', gzipSync(Buffer.alloc(40 * 2 ** 20)))
      await expect(readTexts([path])).rejects.toThrow(/a\.parquet\.gz: \d+ bytes of gzip data hold more than/)
      expect(readdirSync(`${folder.path}/temporary`)).toEqual(['keep'])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('a .parquet file is refused for', () => {
  const good = fixture('snappy.parquet')
  const found = (start: string, end: string): string =>
    `a.parquet: is not a whole parquet file, it begins with "${start}" and ends with "${end}", expected "PAR1" for both`
  refuses('a.parquet', [
    { what: 'emptiness', content: '', message: found('', '') },
    { what: 'being two marks and nothing else', content: 'PAR1PAR1', message: found('PAR1', 'PAR1') },
    {
      what: 'being the end of a file only',
      content: good.subarray(1),
      message: found('AR1\\u0015', 'PAR1'),
    },
    {
      what: 'a pointer in its place',
      content: 'version https://git-lfs.github.com/spec/v1\nsize 4711\n',
      message: found('vers', '711\\n'),
    },
    {
      what: 'an end in the middle',
      content: good.subarray(0, 900),
      message: found('PAR1', good.toString('latin1', 896, 900)),
    },
    {
      what: 'a footer longer than the file',
      content: withFooterLength(good, 100_000),
      message: `a.parquet: names bytes ${good.length - 8 - 100_000} to ${good.length}, the file has ${good.length}`,
    },
    {
      what: 'a footer beyond the limit',
      content: withFooterLength(good, 2 ** 31),
      code: 'format/too-large',
      message: 'a.parquet: parquet footer has 2147483648 bytes, limit 67108864',
    },
    {
      what: 'a footer that is none',
      content: withFooterLength(good, 100),
      message: 'a.parquet: parquet footer cannot be read',
    },
    {
      what: 'a null where a story should be',
      content: fixture('refused-null.parquet'),
      message: 'a.parquet:3: column "story" holds null, expected text',
    },
    {
      what: 'bytes that are not UTF-8',
      content: fixture('refused-not-utf8.parquet'),
      message: 'a.parquet:2: is not UTF-8',
    },
    {
      what: 'a story beyond the limit',
      content: fixture('refused-long.parquet'),
      code: 'format/too-large',
      message: 'a.parquet:2: story of 4194305 bytes, limit 4194304',
    },
    {
      what: 'a compression we do not read',
      content: fixture('refused-lz4.parquet'),
      code: 'format/unsupported',
      message:
        'a.parquet: row group 1: column "story" is compressed by LZ4_RAW, expected one of UNCOMPRESSED, SNAPPY, GZIP, BROTLI, ZSTD',
    },
    {
      what: 'encryption',
      content: Buffer.concat([good.subarray(0, -4), Buffer.from('PARE')]),
      code: 'format/unsupported',
      message: 'a.parquet: is an encrypted parquet file',
    },
  ])

  test('lacking the column, and lists those it has', async () => {
    const read = readTexts([fixturePath('snappy.parquet')], { field: 'text' })
    await expect(read).rejects.toThrow('snappy.parquet: has no column "text", its columns are "id", "story", "tags"')
  })

  test.for([
    ['id', 'column "id" is INT64, expected text'],
    ['tags', 'column "tags" is nested (LIST), expected text'],
  ] as const)('a column of another type, %s', async ([field, message]) => {
    await expect(readTexts([fixturePath('snappy.parquet')], { field })).rejects.toThrow(message)
  })

  // The header of the dictionary's page says 331 bytes (0x96 0x05 as a zigzag varint, of which one step is 2).
  test.for([
    ['less', 0x9a, 'parquet decompressed page length 331 does not match header 333'],
    ['more', 0x92, 'zstd data holds more than 329 bytes'],
  ] as const)('a zstd page that holds %s than it says', async ([, low, reason], { folder }) => {
    const bent = fixture('zstd.parquet')
    const at = bent.indexOf('1504159605', 'hex')
    bent[at + 3] = low
    const message = `a.parquet: parquet page at byte ${at} cannot be read (${reason})`
    await expectRefused(await folder.write('a.parquet', bent), 'format/malformed', message)
  })
})

/** The file with another length of its footer in the eight bytes at its end. */
function withFooterLength(file: Buffer, length: number): Buffer {
  const bent = Buffer.from(file)
  bent.writeUInt32LE(length, bent.length - 8)
  return bent
}
