import { expect, test } from 'vitest'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { reply } from '../../workers/reply.ts'

test('a value becomes a reply that is ok', async () => {
  expect(await reply(() => 7)).toEqual({ ok: true, value: 7 })
})

test('an AtlasError keeps its code, message and details', async () => {
  const task = async () => {
    throw new AtlasError('address/unknown', 'l9.q:1: no such module', { details: { layer: 9 } })
  }
  expect(await reply(task)).toEqual({
    ok: false,
    error: { code: 'address/unknown', message: 'l9.q:1: no such module', details: { layer: 9 } },
  })
})

test('any other error is a bug with its class in the message', async () => {
  const task = () => {
    throw new TypeError('x is undefined')
  }
  expect(await reply(task)).toEqual({
    ok: false,
    error: { code: 'bug', message: 'TypeError: x is undefined', details: {} },
  })
})
