/** Values by key, at most `capacity` of them; the one unused longest goes first and is handed to `dispose`. */
export class LeastRecentlyUsed<T> {
  readonly #values = new Map<string, T>()

  constructor(
    private readonly capacity: number,
    private readonly dispose: (value: T) => void,
  ) {}

  get(key: string): T | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  set(key: string, value: T): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    const [oldest] = this.#values
    if (this.#values.size > this.capacity && oldest !== undefined) this.#drop(oldest)
  }

  #drop([key, value]: [string, T]): void {
    this.#values.delete(key)
    this.dispose(value)
  }
}
