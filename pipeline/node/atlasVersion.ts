import { readFileSync } from 'node:fs'
import { invariant } from '../../core/errors/invariant.ts'

/** Version of SPD Atlas, e.g. "0.1.0". */
export function atlasVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version }: { readonly version?: unknown } = JSON.parse(text)
  invariant(typeof version === 'string', 'package.json has no version')
  return version
}
