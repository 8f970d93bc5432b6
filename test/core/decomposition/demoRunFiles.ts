import { readFileSync } from 'node:fs'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import type { RunFiles } from '../../../core/decomposition/readDecomposition.ts'

/** The files of the demo run, as it was trained. */
export function demoRunFiles(): RunFiles {
  const folder = new URL('../../../training/runs/demo/', import.meta.url)
  const text = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
  return {
    checkpoint: bytesByteSource(readFileSync(new URL('model_14500.pth', folder)), 'model_14500.pth'),
    config: { name: 'final_config.yaml', text: text('final_config.yaml') },
    target: { name: 'config.json', text: text('target/config.json') },
  }
}
