/** A token of the target model's output and its probability, summed over some positions. */
export interface TokenMass {
  readonly tokenId: number
  readonly mass: number
}
