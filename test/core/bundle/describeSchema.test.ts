import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { queryRows } from '../../../core/bundle/IndexDatabase.ts'
import { describeIndexSchema, describeSchema } from './describeSchema.ts'
import { openFullIndex } from './smallIndex.ts'

const DOCUMENT = new URL('../../../docs/index-schema.md', import.meta.url)

test('a table is its comment, and a row a column with type, constraints and meaning', () => {
  const sql = `
CREATE TABLE pair (          -- two | things
  first INTEGER PRIMARY KEY, -- the one
  second REAL,               -- the other; null where there is none
  PRIMARY KEY (first, second)
) WITHOUT ROWID;
`
  expect(describeSchema(sql)).toBe(`### \`pair\`

Two \\| things. Key: first, second.

| column | type | meaning |
|---|---|---|
| \`first\` | integer, key | the one |
| \`second\` | real, may be null | the other; null where there is none |
`)
})

test('a column without a comment is refused', () => {
  expect(() => describeSchema('CREATE TABLE pair (\n  first INTEGER NOT NULL,\n);\n')).toThrow(
    'schema: no comment in "first INTEGER NOT NULL,"',
  )
})

test('docs/index-schema.md is what the schema says (vitest -u rewrites it)', async () => {
  await expect(describeIndexSchema()).toMatchFileSnapshot(DOCUMENT.pathname)
})

test('every table of every file is described', async () => {
  const text = await readFile(DOCUMENT, 'utf8')
  for (const path of ['summary', 'level-0.5', 'detail-0-0', 'tokens-0', 'stories-0']) {
    const database = await openFullIndex(`index/${path}.sqlite`)
    const sql = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    for (const name of queryRows(database, sql, [], (row) => row.text('name'))) {
      expect(text, `${path}: ${name}`).toContain(`### \`${name}\``)
    }
  }
})

test('the examples of the document run', async () => {
  const text = await readFile(DOCUMENT, 'utf8')
  const summary = await openFullIndex('index/summary.sqlite')
  const examples = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) => sql)
  expect(examples.length).toBeGreaterThanOrEqual(5)
  for (const sql of examples) {
    const rows = queryRows(summary, sql, [], () => 1)
    expect(rows.length, sql).toBeGreaterThan(0)
  }
})
