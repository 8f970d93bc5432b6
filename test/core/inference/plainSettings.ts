/** Settings of a harvest that keeps no examples, for what only lays batches out. */
export const plainSettings = {
  vocabularySize: 9,
  contextLength: 300,
  threshold: 0.01,
  levels: [0.01],
  seed: 1,
  examplesPerSubcomponent: 0,
  strongestPerSubcomponent: 0,
  windowRadius: 0,
  sampleShare: 0,
  partStories: 8,
  categoryCount: 0,
  modules: [],
}
