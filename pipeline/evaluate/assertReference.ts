import type { Manifest } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Refuses, as --reference, a bundle at `place` that is not the same run whole and in float32. */
export function assertReference(manifest: Manifest, reference: Manifest, place: string): void {
  const refuse = (found: string, expected: string): never => {
    throw new AtlasError('arguments/invalid', `--reference ${place}: ${found}, expected ${expected}`)
  }
  const [found, expected] = [reference.run.checkpoint.sha256, manifest.run.checkpoint.sha256]
  if (found !== expected) refuse(`made from checkpoint ${found}`, expected)
  if (modulesOf(reference) !== modulesOf(manifest)) {
    refuse(`has the modules ${modulesOf(reference)}`, modulesOf(manifest))
  }
  const pruned = reference.modules.find(({ kept }) => kept !== null)
  if (pruned !== undefined) refuse(`leaves out subcomponents of ${pruned.path}`, 'all of them')
  const reduced = Object.entries(reference.precision).find(([, precision]) => precision !== 'f32')
  if (reduced !== undefined) refuse(`stores ${reduced[0]} as ${reduced[1]}`, 'f32')
}

function modulesOf({ modules }: Manifest): string {
  return modules.map(({ path, c }) => `${path} ${c}`).join(', ')
}
