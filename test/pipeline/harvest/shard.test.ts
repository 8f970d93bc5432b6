import { expect, test } from 'vitest'
import { partsOfShard, readShard } from '../../../pipeline/harvest/shard.ts'

test('shards share the parts out, each part to one', () => {
  expect(partsOfShard({ index: 0, count: 3 }, 8)).toEqual([0, 3, 6])
  expect(partsOfShard({ index: 1, count: 3 }, 8)).toEqual([1, 4, 7])
  expect(partsOfShard({ index: 2, count: 3 }, 8)).toEqual([2, 5])
  expect(partsOfShard(null, 3)).toEqual([0, 1, 2])
  expect(partsOfShard({ index: 4, count: 5 }, 3)).toEqual([])
})

test('a shard is told by its index from 0 and the number of shards', () => {
  expect(readShard('0/8')).toEqual({ index: 0, count: 8 })
  expect(readShard('7/8')).toEqual({ index: 7, count: 8 })
})

test.each(['8/8', '1', '-1/8', '1/0', '0/100001', 'a/b', '0/8/2'])('--shard %s is refused', (text) => {
  expect(() => readShard(text)).toThrow(`--shard ${text}: expected i/n with i from 0 to n - 1, e.g. 0/8`)
})
