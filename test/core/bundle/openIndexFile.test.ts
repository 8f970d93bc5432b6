import { expect, test } from 'vitest'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { openEngine, openSmallIndex } from './smallIndex.ts'

const engine = await openEngine()

test('refuses an index of another version', async () => {
  const database = await openSmallIndex('index/summary.sqlite')
  database.run('PRAGMA user_version = 99')
  expect(() => openIndexFile(engine, database.export(), 'index/summary.sqlite')).toThrow(
    'index/summary.sqlite: index has version 99, expected 3: make it again with `index`',
  )
})

test('refuses bytes that are no database', () => {
  expect(() =>
    openIndexFile(engine, new TextEncoder().encode('<!doctype html>'.repeat(40)), 'index/summary.sqlite'),
  ).toThrow('index/summary.sqlite: not a SQLite database')
})
