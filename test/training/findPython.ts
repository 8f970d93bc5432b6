import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What training/*.py import beyond Python itself. */
const PACKAGES = ['torch', 'transformers', 'tokenizers', 'safetensors', 'numpy', 'scipy', 'yaml']
const FIND_MISSING = `import importlib.util; print(*[m for m in ${JSON.stringify(PACKAGES)} if not importlib.util.find_spec(m)])`
const VIRTUAL_ENVIRONMENT = fileURLToPath(new URL('../../training/.venv/bin/python', import.meta.url))

export type PythonSearch =
  | { readonly found: true; readonly python: string }
  /** e.g. "python3 lacks torch, scipy" */
  | { readonly found: false; readonly reason: string }

/** Looks for a Python that can run training/: the one PYTHON names, training/.venv's, python3, /usr/bin/python3. */
export function findPython(): PythonSearch {
  const { PYTHON } = process.env
  const candidates = PYTHON === undefined ? [VIRTUAL_ENVIRONMENT, 'python3', '/usr/bin/python3'] : [PYTHON]
  const reasons: string[] = []
  for (const python of candidates) {
    if (python.startsWith('/') && !existsSync(python)) continue
    const { status, stdout } = spawnSync(python, ['-c', FIND_MISSING], { encoding: 'utf8' })
    if (status === 0 && stdout.trim() === '') return { found: true, python }
    reasons.push(status === 0 ? `${python} lacks ${stdout.trim().split(' ').join(', ')}` : `${python} does not run`)
  }
  return { found: false, reason: reasons.join('; ') }
}
