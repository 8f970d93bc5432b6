/** Random access to a file that may be large or remote. */
export interface ByteSource {
  /** What messages call it, e.g. "model_14500.pth". */
  readonly name: string
  readonly byteLength: number
  /** The bytes from `start` to `end`, half-open; both lie within the file. */
  slice(start: number, end: number): Promise<Uint8Array>
}
