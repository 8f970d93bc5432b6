import { AtlasError } from '../../core/errors/AtlasError.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that `bytes` spell in UTF-8; any other bytes are refused at `place`, e.g. "stories.txt:17". */
export function decodeStoryText(bytes: Uint8Array, place: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${place}: is not UTF-8`, { cause })
  }
}
