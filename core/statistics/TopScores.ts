/** The indices of the greatest scores offered, at most `capacity`; of equal scores those offered first. */
export class TopScores {
  readonly #indices: Int32Array
  readonly #scores: Float64Array
  #size = 0

  constructor(private readonly capacity: number) {
    this.#indices = new Int32Array(capacity)
    this.#scores = new Float64Array(capacity)
  }

  /** Greatest score first. */
  get indices(): number[] {
    return [...this.#indices.subarray(0, this.#size)]
  }

  offer(index: number, score: number): void {
    const isFull = this.#size === this.capacity
    if (isFull && score <= (this.#scores[this.#size - 1] ?? 0)) return
    let slot = isFull ? this.#size - 1 : this.#size++
    for (; slot > 0 && (this.#scores[slot - 1] ?? 0) < score; slot--) {
      this.#scores[slot] = this.#scores[slot - 1] ?? 0
      this.#indices[slot] = this.#indices[slot - 1] ?? 0
    }
    this.#scores[slot] = score
    this.#indices[slot] = index
  }
}
