import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders = ['.', 'docs', 'training']
const documents = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
)

test.each(documents)('%s links only to what exists', (document) => {
  const text = readFileSync(join(root, document), 'utf8')
  const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')
  const missing = targets.filter((t) => !/^https?:/.test(t) && !existsSync(join(root, dirname(document), t)))
  expect(missing).toEqual([])
})

test('documents are read', () => {
  expect(documents.length).toBeGreaterThan(6)
})
