import { AtlasError } from '../errors/AtlasError.ts'

/** Most bytes an index file may unpack to: the summary of a run of 112,000 subcomponents has some 30 MB. */
const MAX_UNPACKED_BYTES = 256 * 2 ** 20

/** What the gzipped `bytes` hold; `name` is for messages. */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { maxBytes = MAX_UNPACKED_BYTES }: { readonly maxBytes?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const chunks: Uint8Array[] = []
  let byteLength = 0
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new AtlasError('bundle/corrupt', `${name}: not a gzip file, or one cut off`, { cause })
    })
    if (done) return concatenate(chunks, byteLength)
    byteLength += value.length
    if (byteLength > maxBytes) {
      await reader.cancel()
      throw new AtlasError('format/too-large', `${name}: unpacks to more than ${maxBytes} bytes`, {
        details: { allowed: maxBytes },
      })
    }
    chunks.push(value)
  }
}

/** Whether `bytes` begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** The `chunks`, `byteLength` bytes in all, one after the other. */
export function concatenate(chunks: readonly Uint8Array[], byteLength: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(byteLength)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
