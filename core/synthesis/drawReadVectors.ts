import { RandomStream } from './RandomStream.ts'

/** Sizes of one module. */
export interface ModuleSizes {
  readonly dIn: number
  readonly dOut: number
  readonly C: number
}

/** V float32[d_in, C]: independent unit columns, uniform over the sphere. */
export function drawReadVectors(seed: number, path: string, { dIn, C }: ModuleSizes): Float32Array {
  const V = new RandomStream(seed, `${path} V`).normals(dIn * C, 1)
  const squares = new Float64Array(C)
  for (let i = 0; i < dIn; i++) {
    for (let c = 0; c < C; c++) squares[c] = (squares[c] ?? 0) + (V[i * C + c] ?? 0) ** 2
  }
  for (let i = 0; i < dIn; i++) {
    for (let c = 0; c < C; c++) V[i * C + c] = (V[i * C + c] ?? 0) / Math.sqrt(squares[c] ?? 1)
  }
  return V
}
