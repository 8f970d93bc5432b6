import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fetchBundleFile } from '../../../core/bundle/fetchBundleFile.ts'
import type { BundleFile } from '../../../core/bundle/manifest.ts'
import type { Progress } from '../../../core/progress/Progress.ts'

const BASE = 'https://example.org/run/'
const content = new TextEncoder().encode('subcomponents '.repeat(500))
const stored = new Uint8Array(gzipSync(content))

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const plainFile: BundleFile = { path: 'tokenizer.json', bytes: content.length, sha256: sha256(content) }
const gzippedFile: BundleFile = {
  path: 'index/summary.sqlite.gz',
  bytes: stored.length,
  sha256: sha256(stored),
  unpacked: { bytes: content.length, sha256: sha256(content) },
}

/** A host that answers every address with `bytes`, in pieces of at most 1000. */
function host(bytes: Uint8Array, status = 200) {
  const asked: string[] = []
  const fetch = async (url: string) => {
    asked.push(url)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 1000) controller.enqueue(bytes.slice(at, at + 1000))
        controller.close()
      },
    })
    return new Response(body, { status })
  }
  return { fetch, asked }
}

test('gives the bytes of a file that fits its size and hash', async () => {
  const { fetch, asked } = host(content)
  expect(await fetchBundleFile(BASE, plainFile, { fetch })).toEqual(content)
  expect(asked).toEqual(['https://example.org/run/tokenizer.json'])
})

test('unpacks a gzipped file', async () => {
  expect(await fetchBundleFile(BASE, gzippedFile, { fetch: host(stored).fetch })).toEqual(content)
})

test('takes a gzipped file that the host has unpacked on the way', async () => {
  expect(await fetchBundleFile(BASE, gzippedFile, { fetch: host(content).fetch })).toEqual(content)
})

test('tells true bytes, of what comes over the wire', async () => {
  const told: Progress[] = []
  await fetchBundleFile(BASE, plainFile, { fetch: host(content).fetch, onProgress: (progress) => told.push(progress) })
  expect(told.map(({ done }) => done)).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000])
  expect(told[0]).toEqual({ label: 'tokenizer.json', done: 1000, total: 7000, unit: 'bytes' })
  const unpacked: Progress[] = []
  await fetchBundleFile(BASE, gzippedFile, {
    fetch: host(content).fetch,
    onProgress: (progress) => unpacked.push(progress),
  })
  expect(unpacked.at(-1)).toMatchObject({ done: 7000, total: 7000 })
})

test('a file that is not there is missing', async () => {
  await expect(fetchBundleFile(BASE, plainFile, { fetch: host(content, 404).fetch })).rejects.toMatchObject({
    code: 'bundle/missing-file',
    message: 'https://example.org/run/tokenizer.json: not found',
  })
})

test('another answer of the host is told with its status', async () => {
  await expect(fetchBundleFile(BASE, plainFile, { fetch: host(content, 503).fetch })).rejects.toMatchObject({
    code: 'source/unreachable',
    message: 'https://example.org/run/tokenizer.json: the host answers 503 ',
  })
})

test('a file cut off is corrupt, with found and expected size', async () => {
  await expect(fetchBundleFile(BASE, plainFile, { fetch: host(content.slice(0, 6999)).fetch })).rejects.toMatchObject({
    code: 'bundle/corrupt',
    message: 'tokenizer.json: 6999 bytes, expected 7000',
    details: { path: 'tokenizer.json', found: 6999, expected: 7000 },
  })
})

test('a file with more bytes than expected is not read to its end', async () => {
  let sent = 0
  const fetch = async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 5000
        controller.enqueue(new Uint8Array(5000))
      },
    })
    return new Response(body)
  }
  await expect(fetchBundleFile(BASE, plainFile, { fetch })).rejects.toThrow(
    'tokenizer.json: more than 7000 bytes, expected 7000',
  )
  expect(sent).toBeLessThan(30_000)
})

test('a changed byte is corrupt, with found and expected hash', async () => {
  const changed = content.slice()
  changed[3] = 0
  await expect(fetchBundleFile(BASE, plainFile, { fetch: host(changed).fetch })).rejects.toMatchObject({
    code: 'bundle/corrupt',
    message: `tokenizer.json: SHA-256 ${sha256(changed)}, expected ${sha256(content)}`,
  })
})

test('an unpacked file with another content is corrupt too', async () => {
  const changed = content.slice()
  changed[3] = 0
  await expect(fetchBundleFile(BASE, gzippedFile, { fetch: host(changed).fetch })).rejects.toMatchObject({
    code: 'bundle/corrupt',
  })
})

test('a gzipped file that unpacks to more than it says is refused', async () => {
  const lying = { ...gzippedFile, unpacked: { bytes: 100, sha256: sha256(content) } }
  await expect(fetchBundleFile(BASE, lying, { fetch: host(stored).fetch })).rejects.toMatchObject({
    code: 'format/too-large',
    message: 'index/summary.sqlite.gz: unpacks to more than 100 bytes',
  })
})

test('a host that cannot be reached is told with the reason', async () => {
  const fetch = async () => {
    throw new TypeError('Failed to fetch')
  }
  await expect(fetchBundleFile(BASE, plainFile, { fetch })).rejects.toMatchObject({
    code: 'source/unreachable',
    message: 'https://example.org/run/tokenizer.json: Failed to fetch',
  })
})

test('a cancelled fetch is cancelled, not failed', async () => {
  const controller = new AbortController()
  const fetch = async (_url: string, { signal }: { readonly signal?: AbortSignal }) => {
    controller.abort()
    signal?.throwIfAborted()
    return new Response()
  }
  await expect(fetchBundleFile(BASE, plainFile, { fetch, signal: controller.signal })).rejects.toMatchObject({
    code: 'request/cancelled',
  })
})
