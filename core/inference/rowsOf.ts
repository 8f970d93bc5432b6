/** float32[rows, width]: the rows `rows` of a matrix. */
export function rowsOf(matrix: Float32Array, rows: Uint32Array, width: number): Float32Array {
  const chosen = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) chosen.set(matrix.subarray(row * width, (row + 1) * width), i * width)
  return chosen
}
