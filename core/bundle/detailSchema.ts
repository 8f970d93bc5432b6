/**
 * A block of one module's subcomponents: what one subcomponent's page needs beyond the summary. A table has one row, each
 * column the numbers of all the block's active subcomponents, one after the other: rows of their own are 6 to 11 % more.
 */
export const DETAIL_SCHEMA = `
CREATE TABLE token_counts (                   -- every token a subcomponent is active on
  subcomponents BLOB NOT NULL,                -- varints: numbers of the active, as distances
  lengths BLOB NOT NULL,                      -- varints: of each, how many tokens
  token_ranks BLOB NOT NULL,                  -- varints: of each, its tokens' frequency ranks, as distances
  counts BLOB NOT NULL                        -- byte numbers: of each, its tokens' counts m, less 1
);
CREATE TABLE passage (                        -- what the windows of the examples cover together, each token once
  stories BLOB,                               -- varints: index in the corpus, from 0, less that of the passage before; null where the stories are not known
  starts BLOB NOT NULL,                       -- varints: position of the first token
  lengths BLOB NOT NULL,                      -- varints: number of tokens
  token_ranks BLOB NOT NULL                   -- varints: frequency ranks of the tokens
);
CREATE TABLE example (                        -- firings: of each subcomponent the sampled in random order (uniform where the stories are known), then those that are among the strongest alone, greatest |inner activation| first
  radius INTEGER,                             -- tokens of its passage that a window reaches each way; null where it is all of it
  sampled BLOB NOT NULL,                      -- varints: of each subcomponent, how many are sampled
  strongest BLOB NOT NULL,                    -- varints: of each, how many are in the list of the strongest
  strongest_places BLOB NOT NULL,             -- varints: of each of those, its place among the sampled, from 1; 0: the next that is not sampled
  passages BLOB NOT NULL,                     -- varints: number of the passage, from 0
  offsets BLOB NOT NULL,                      -- varints: place of the firing in its passage, from 0
  causal_importance BLOB NOT NULL,            -- reals: there
  inner_activation BLOB NOT NULL,             -- reals: there, signed; NaN where the harvest did not keep it
  window_gaps BLOB NOT NULL,                  -- varints: places in its window of the other tokens it is active on, as distances without the less 1, then a 0
  window_ci BLOB NOT NULL                     -- a byte each of those: 1 + round(254 min(ci, 1))
);
`

/** Part of a block of detail where the harvest has histograms. */
export const HISTOGRAM_SCHEMA = `
CREATE TABLE histogram (
  ci BLOB NOT NULL,                           -- varints: of each subcomponent, 20 bins of causal importance over the firings: 0.05 wide, 1 and more in the last
  activation BLOB NOT NULL,                   -- varints: bins of inner activation over the firings: sign, half octaves
  sampled_activation BLOB NOT NULL            -- the same over the positions drawn by hash, active or not
);
`

/** Part of a block of detail where the harvest has output tokens: the strongest, by mass and by share of the total. */
export const OUTPUT_TOKEN_SCHEMA = `
CREATE TABLE output_token (                   -- what the target model expects next where the subcomponent is active
  lengths BLOB NOT NULL,                      -- varints: of each subcomponent, how many tokens
  token_ranks BLOB NOT NULL,                  -- varints: of each, the tokens' frequency ranks, as distances
  mass BLOB NOT NULL                          -- reals: a token's probability, summed over the subcomponent's firings, or the sampled ones where there is a sample
);
`

/** Part of a block of detail where the harvest has co-firings: the strongest, by n, by P(c|d) and by Jaccard. */
export const CO_FIRING_SCHEMA = `
CREATE TABLE co_firing (
  lengths BLOB NOT NULL,                      -- varints: of each subcomponent, how many partners
  partners BLOB NOT NULL,                     -- varints: of each, how many subcomponents of the run, module after module, stand before a partner, as distances
  counts BLOB NOT NULL                        -- byte numbers: n less 1, n the positions where both are active, or sampled ones where there is a sample
);
`

/** A block of the vocabulary: the same counts as in detail, by token, in one row. */
export const TOKENS_SCHEMA = `
CREATE TABLE token_subcomponents (            -- every subcomponent a token activates at the run's threshold, and how many at each level
  tokens BLOB NOT NULL,                       -- varints: the ids of those that activate any at any level, as distances
  modules INTEGER NOT NULL,                   -- number of modules
  levels INTEGER NOT NULL,                    -- number of levels
  run_level INTEGER NOT NULL,                 -- which of them is the run's threshold, from 0
  active BLOB NOT NULL,                       -- varints: for each level, ascending, for each token, for each module: how many of its subcomponents the token activates; from the second level on, how many fewer than at the level before
  ranks BLOB NOT NULL,                        -- varints: for each token, for each module: the subcomponents' ranks in the summary, less 1, as distances
  counts BLOB NOT NULL                        -- byte numbers: for each of them the count m, less 1
);
`

/** A block of the corpus. */
export const STORIES_SCHEMA = `
CREATE TABLE story (
  story INTEGER PRIMARY KEY,                  -- index in the corpus, from 0
  token_ids BLOB NOT NULL                     -- varints
);
`
