import { expect, test } from 'vitest'
import { pageAt } from '../../../src/app/pages.ts'

test.each([
  ['', ''],
  ['#/', ''],
  ['#/run/demo', ''],
  ['#/run/demo/modules?q=a', 'modules'],
  ['#/run/demo/module/model.layers.0.mlp.up_proj', 'module/:module'],
  ['#/run/demo/module/model.layers.0.mlp.up_proj/26', 'module/:module/:subcomponent'],
  ['#/run/demo/live?text=a/b', 'live'],
  ['#/run/demo/nowhere', undefined],
])('the page at "%s" is the one of "%s"', (hash, path) => {
  expect(pageAt(hash)?.path).toBe(path)
})
