import { expect, test } from 'vitest'
import { AtlasError } from '../../../../core/errors/AtlasError.ts'
import { PAGE_SIZE, type RowPage, RowWindows, rowAt } from '../../../../src/pages/module/RowWindows.ts'

/** Rows 0, 1, 2, ... answered at once; every offset asked for is noted. */
function counting(total: number) {
  const asked: number[] = []
  const fetchPage = async (offset: number, limit: number): Promise<RowPage<number>> => {
    asked.push(offset)
    const length = Math.min(limit, total - offset)
    return { total, rows: Array.from({ length }, (_, i) => offset + i) }
  }
  return { asked, fetchPage }
}

function held() {
  let resolve: (page: RowPage<number>) => void = () => undefined
  const page = new Promise<RowPage<number>>((onValue) => {
    resolve = onValue
  })
  return { fetchPage: () => page, resolve }
}

const settle = async () => {
  await Promise.resolve()
  await Promise.resolve()
}

function readyState(windows: RowWindows<number>) {
  const state = windows.getState()
  if (state.kind !== 'ready') throw new Error(`state is ${state.kind}`)
  return state
}

test('the page of the first row comes first, others when they are needed, each once', async () => {
  const windows = new RowWindows<number>()
  const { asked, fetchPage } = counting(1000)
  windows.start(fetchPage, 250)
  await settle()
  expect(asked).toEqual([200])
  windows.need(190, 310)
  windows.need(190, 310)
  await settle()
  expect(asked).toEqual([200, 100, 300])
  const state = readyState(windows)
  expect([199, 200, 399, 400].map((index) => rowAt(state, index))).toEqual([199, 200, 399, undefined])
})

test('rows beyond the end are not asked for', async () => {
  const windows = new RowWindows<number>()
  const { asked, fetchPage } = counting(PAGE_SIZE + 1)
  windows.start(fetchPage, 0)
  await settle()
  windows.need(0, 5000)
  await settle()
  expect(asked).toEqual([0, PAGE_SIZE])
})

test('rows of the older result stay, marked as updating, until the newer comes', async () => {
  const windows = new RowWindows<number>()
  windows.start(counting(3).fetchPage, 0)
  await settle()
  const newer = held()
  windows.start(newer.fetchPage, 0)
  expect(readyState(windows)).toMatchObject({ total: 3, isUpdating: true })
  newer.resolve({ total: 1, rows: [7] })
  await settle()
  const state = readyState(windows)
  expect([state.total, state.isUpdating, rowAt(state, 0)]).toEqual([1, false, 7])
})

test('an answer about the older result is dropped', async () => {
  const windows = new RowWindows<number>()
  const older = held()
  windows.start(older.fetchPage, 0)
  windows.start(counting(2).fetchPage, 0)
  await settle()
  older.resolve({ total: 99, rows: [99] })
  await settle()
  expect(readyState(windows).total).toBe(2)
})

test('a failure is a state, and starting again leaves it', async () => {
  const windows = new RowWindows<number>()
  const error = new AtlasError('worker/died', 'index worker: ended')
  windows.start(() => Promise.reject(error), 0)
  await settle()
  expect(windows.getState()).toEqual({ kind: 'failed', error })
  windows.start(counting(1).fetchPage, 0)
  expect(windows.getState()).toEqual({ kind: 'loading' })
  await settle()
  expect(readyState(windows).total).toBe(1)
})

test('no more than forty pages are kept, the oldest go first', async () => {
  const windows = new RowWindows<number>()
  const { asked, fetchPage } = counting(100 * PAGE_SIZE)
  windows.start(fetchPage, 0)
  await settle()
  for (let page = 1; page <= 40; page++) {
    windows.need(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    await settle()
  }
  expect(readyState(windows).pages.size).toBe(40)
  expect(rowAt(readyState(windows), 0)).toBeUndefined()
  windows.need(0, 1)
  await settle()
  expect(asked.at(-1)).toBe(0)
})
