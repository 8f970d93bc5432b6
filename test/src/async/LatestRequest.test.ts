import { expect, test } from 'vitest'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../../core/progress/Progress.ts'
import { LatestRequest } from '../../../src/async/LatestRequest.ts'

const progress = { label: 'summary', done: 1, total: 2, unit: 'bytes' } as const

function openQuestion() {
  let resolve: (value: string) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<string>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  let report: OnProgress = () => undefined
  const ask = (onProgress: OnProgress) => {
    report = onProgress
    return promise
  }
  return { ask, resolve, reject, report: () => report(progress) }
}

test('loading reports progress, then the value is ready', async () => {
  const latest = new LatestRequest<string>()
  const question = openQuestion()
  latest.start('key', question.ask)
  expect(latest.getState()).toEqual({ kind: 'loading', progress: null })
  question.report()
  expect(latest.getState()).toEqual({ kind: 'loading', progress })
  question.resolve('a')
  await Promise.resolve()
  expect(latest.getState()).toEqual({ kind: 'ready', value: 'a', isUpdating: false })
})

test('an answer that comes after a newer request is dropped', async () => {
  const latest = new LatestRequest<string>()
  const [older, newer] = [openQuestion(), openQuestion()]
  latest.start('key', older.ask)
  latest.start('key', newer.ask)
  newer.resolve('new')
  await Promise.resolve()
  older.resolve('old')
  older.report()
  await Promise.resolve()
  expect(latest.getState()).toEqual({ kind: 'ready', value: 'new', isUpdating: false })
})

test('a value stays while its replacement is on the way', async () => {
  const latest = new LatestRequest<string>()
  latest.start('key', async () => 'a')
  await Promise.resolve()
  const next = openQuestion()
  latest.start('key', next.ask)
  next.report()
  expect(latest.getState()).toEqual({ kind: 'ready', value: 'a', isUpdating: true })
})

test('a failure is a state, and the next request starts from loading', async () => {
  const latest = new LatestRequest<string>()
  const question = openQuestion()
  latest.start('key', question.ask)
  const error = new AtlasError('source/unreachable', 'summary.sqlite.gz: status 404, expected 200')
  question.reject(error)
  await Promise.resolve()
  await Promise.resolve()
  expect(latest.getState()).toEqual({ kind: 'failed', error })
  latest.start('key', openQuestion().ask)
  expect(latest.getState()).toEqual({ kind: 'loading', progress: null })
})

test('a dropped request answers to nobody', async () => {
  const latest = new LatestRequest<string>()
  const question = openQuestion()
  latest.start('key', question.ask)
  latest.drop()
  question.resolve('a')
  await Promise.resolve()
  expect(latest.getState()).toEqual({ kind: 'loading', progress: null })
})
