import { describe, expect, test } from 'vitest'
import { RandomStream } from '../../../core/synthesis/RandomStream.ts'

const stream = (): RandomStream => new RandomStream(7, 'V of q')

describe('RandomStream', () => {
  test('gives the words of sfc32, started by the FNV-1a hashes of seed and name', () => {
    // From an independent program of ten lines (Python integers).
    const words = [stream()].flatMap((random) => [random.uniform(), random.uniform(), random.uniform()])
    expect(words.map((word) => word * 2 ** 32)).toEqual([2382110019, 2531448178, 2925036009])
  })

  test('differs by seed and by name', () => {
    const first = stream().uniform()
    expect(new RandomStream(8, 'V of q').uniform()).not.toBe(first)
    expect(new RandomStream(7, 'V of k').uniform()).not.toBe(first)
  })

  test('makes normal numbers by Box and Muller', () => {
    const radius = Math.sqrt(-2 * Math.log(2382110020 / 2 ** 32))
    const angle = (2 * Math.PI * 2531448178) / 2 ** 32
    expect(stream().normal()).toBeCloseTo(radius * Math.cos(angle), 12)
    const [a = 0, b = 0] = stream().normals(3, 2)
    expect(a).toBeCloseTo(2 * radius * Math.cos(angle), 6)
    expect(b).toBeCloseTo(2 * radius * Math.sin(angle), 6)
  })

  test('has mean, variance and fourth moment of the normal distribution', () => {
    const count = 400_000
    const numbers = stream().normals(count, 1)
    const moment = (power: number): number => numbers.reduce((sum, x) => sum + x ** power, 0) / count
    // Five standard errors: the variances of x, x² and x⁴ are 1, 2 and 96.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / count))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / count))
  })

  test('orders integers at random, each once', () => {
    const order = [...stream().permutation(500)]
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i))
    // A random permutation leaves one element in place on average, and more than ten hardly ever.
    expect(order.filter((value, i) => value === i).length).toBeLessThan(10)
  })
})
