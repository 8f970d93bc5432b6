import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Decompress } from 'fzstd'
import type { Compressors } from 'hyparquet'

/** Decompressors beside hyparquet's own for SNAPPY; none gives more bytes than the page claims to hold. */
export const parquetCompressors: Compressors = {
  GZIP: (packed, byteLength) => (byteLength === 0 ? packed : gunzipSync(packed, { maxOutputLength: byteLength })),
  BROTLI: (packed, byteLength) =>
    byteLength === 0 ? packed : brotliDecompressSync(packed, { maxOutputLength: byteLength }),
  ZSTD: decompressZstd,
}

/** fzstd's one-shot form trusts what the frame claims; its streaming form hands on blocks of at most 128 kB. */
function decompressZstd(packed: Uint8Array, byteLength: number): Uint8Array {
  const page = new Uint8Array(byteLength)
  let filled = 0
  const stream = new Decompress((block) => {
    if (filled + block.length > byteLength) throw new Error(`zstd data holds more than ${byteLength} bytes`)
    page.set(block, filled)
    filled += block.length
  })
  stream.push(packed, true)
  return page.subarray(0, filled)
}
