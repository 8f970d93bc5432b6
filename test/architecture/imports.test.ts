import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** First-level folders a file may import from, besides its own. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  workers: ['core'],
  pipeline: ['core'],
  src: ['core', 'workers/contracts'],
}

const sources = Object.keys(ALLOWED).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file)),
)

interface Import {
  readonly file: string
  /** Path from the root for relative imports, else the package name. */
  readonly target: string
  readonly isRelative: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*['"]([^'"]+)['"]/gm)].map((m) => m[1] ?? '')
  return specifiers.map((specifier) => {
    const isRelative = specifier.startsWith('.')
    return { file, isRelative, target: isRelative ? normalize(join(dirname(file), specifier)) : specifier }
  })
}

const imports = sources.flatMap(importsOf)
const show = ({ file, target }: Import): string => `${file} imports ${target}`
const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

describe('imports go one way', () => {
  test('some files are read', () => {
    expect(sources.length).toBeGreaterThan(40)
    expect(imports.length).toBeGreaterThan(sources.length)
  })

  test.each(Object.entries(ALLOWED))('%s imports only itself and %j', (folder, allowed) => {
    const strays = imports
      .filter(({ file, isRelative }) => isRelative && inside(file, folder))
      .filter(({ target }) => ![folder, ...allowed].some((place) => inside(target, place)))
    expect(strays.map(show)).toEqual([])
  })

  test('core and workers name no Node module, and core no React', () => {
    const strays = imports.filter(
      ({ file, target }) =>
        (inside(file, 'core') && /^(node:|react|comlink|onnxruntime)/.test(target)) ||
        (inside(file, 'workers') && /^(node:|react)/.test(target)),
    )
    expect(strays.map(show)).toEqual([])
  })

  test('charts and ui know no client, page, route or run', () => {
    const strays = imports
      .filter(({ file }) => inside(file, 'src/charts') || inside(file, 'src/ui'))
      .filter(({ target }) => /^(src\/(clients|pages|app)|workers|core\/bundle)(\/|$)/.test(target))
    expect(strays.map(show)).toEqual([])
  })

  test('pages do not import pages', () => {
    const page = (path: string): string | undefined => /^src\/pages\/([^/]+)\//.exec(path)?.[1]
    const strays = imports.filter(({ file, target }) => page(file) && page(target) && page(file) !== page(target))
    expect(strays.map(show)).toEqual([])
  })
})

describe('the layout', () => {
  test('has no barrels and no folders named after nothing', () => {
    const bad = sources.filter((file) =>
      /(^|\/)(utils|helpers|types|hooks|common|misc)\/|(^|\/)index\.tsx?$/.test(file),
    )
    expect(bad).toEqual([])
  })

  test('has no file beyond 400 lines, but for generated ones', () => {
    const written = sources.filter((file) => !file.includes('.generated.'))
    const long = written.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400)
    expect(long.map((file) => relative(root, join(root, file)))).toEqual([])
  })
})
