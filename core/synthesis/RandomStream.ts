const TWO_TO_32 = 2 ** 32
/** Rounds after which the generator's author takes its states for mixed. */
const WARM_UP_ROUNDS = 15

/**
 * Random numbers of one purpose: a seed and a name give the same ones wherever and in whatever order streams are used.
 * The generator is sfc32 (C. Doty-Humphrey, PractRand 0.94, public domain).
 */
export class RandomStream {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number, name: string) {
    const text = `${seed}/${name}`
    this.a = hash(text, 0x811c9dc5)
    this.b = hash(text, 0x9e3779b9)
    this.c = hash(text, 0x85ebca6b)
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.word()
  }

  /** Uniform over 0 ≤ x < 1, in steps of 2^-32. */
  uniform(): number {
    return this.word() / TWO_TO_32
  }

  /** Uniform over the integers 0 ≤ x < `end`. */
  integer(end: number): number {
    return Math.floor(this.uniform() * end)
  }

  /** Normal with mean 0 and standard deviation 1, by Box and Muller; never beyond ±6.7. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) / TWO_TO_32))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** `length` normal numbers with mean 0 and the given standard deviation. */
  normals(length: number, deviation: number): Float32Array {
    const numbers = new Float32Array(length)
    for (let i = 0; i < length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log((this.word() + 1) / TWO_TO_32))
      const angle = 2 * Math.PI * this.uniform()
      numbers[i] = radius * Math.cos(angle)
      if (i + 1 < length) numbers[i + 1] = radius * Math.sin(angle)
    }
    return numbers
  }

  /** The integers 0 ≤ x < `end` in random order. */
  permutation(end: number): Uint32Array {
    const order = Uint32Array.from({ length: end }, (_, i) => i)
    for (let last = end - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      const moved = order[last] ?? 0
      order[last] = order[other] ?? 0
      order[other] = moved
    }
    return order
  }

  /** Uniform over 32 bits. */
  private word(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** FNV-1a from a start of one's choice. */
function hash(text: string, start: number): number {
  let state = start
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return state
}
