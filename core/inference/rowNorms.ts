/** Euclidean norm of each of the `rows` rows of a row-major matrix: of U [C, d_out], the ‖U[c]‖₂. */
export function rowNorms(numbers: Float32Array, rows: number): Float32Array {
  const width = numbers.length / rows
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0
    for (const number of numbers.subarray(row * width, (row + 1) * width)) sum += number * number
    return Math.sqrt(sum)
  })
}
