/** Tile side: two tiles of float32 fit in a processor's first cache. */
const TILE = 32

/** float32[columns, rows] of float32[rows, columns], both row-major. */
export function transposeMatrix(numbers: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = new Float32Array(numbers.length)
  for (let rowTile = 0; rowTile < rows; rowTile += TILE) {
    for (let columnTile = 0; columnTile < columns; columnTile += TILE) {
      for (let row = rowTile; row < Math.min(rows, rowTile + TILE); row++) {
        for (let column = columnTile; column < Math.min(columns, columnTile + TILE); column++) {
          transposed[column * rows + row] = numbers[row * columns + column] ?? 0
        }
      }
    }
  }
  return transposed
}
