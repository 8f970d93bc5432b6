import packageJson from '../../package.json' with { type: 'json' }

/** Version of SPD Atlas, e.g. "0.1.0". */
export function atlasVersion(): string {
  return packageJson.version
}
