/** A block of one module's subcomponents: what one subcomponent's page needs beyond the summary. */
export const DETAIL_SCHEMA = `
CREATE TABLE token_counts (                   -- every token a subcomponent is active on
  subcomponent INTEGER PRIMARY KEY,           -- its number in the module; the dead have no row
  pairs BLOB NOT NULL                         -- varints: the token ids, each as its distance from the one before less 1, then the counts less 1
);
CREATE TABLE example (                        -- firings with the tokens around them
  subcomponent INTEGER NOT NULL,              -- whose
  list TEXT NOT NULL,                         -- sampled (uniform where the stories are known) or strongest (greatest |inner activation|)
  rank INTEGER NOT NULL,                      -- from 1 in its list: random order, or strongest first
  story INTEGER,                              -- index in the corpus, from 0; null where the stories are not known
  position INTEGER NOT NULL,                  -- of the firing token, from 0, in its story; in the window where story is null
  causal_importance REAL NOT NULL,            -- there
  inner_activation REAL,                      -- there, signed; null where the harvest did not keep it
  window_start INTEGER NOT NULL,              -- position of the window's first token
  token_ids BLOB NOT NULL,                    -- varints, the window's tokens
  window_ci BLOB NOT NULL,                    -- a byte a token: 0 where not active, else 1 + round(254 min(ci, 1))
  PRIMARY KEY (subcomponent, list, rank)
) WITHOUT ROWID;
`

/** Part of a block of detail where the harvest has histograms. */
export const HISTOGRAM_SCHEMA = `
CREATE TABLE histogram (
  subcomponent INTEGER PRIMARY KEY,           -- whose; the dead have no row
  ci BLOB NOT NULL,                           -- varints, 20 bins of causal importance over the firings: 0.05 wide, 1 and more in the last
  activation BLOB NOT NULL,                   -- varints, bins of inner activation over the firings: sign, half octaves
  sampled_activation BLOB NOT NULL            -- the same over the positions drawn by hash, active or not
);
`

/** Part of a block of detail where the harvest has output tokens: the strongest, by mass and by share of the total. */
export const OUTPUT_TOKEN_SCHEMA = `
CREATE TABLE output_token (                   -- what the target model expects next where the subcomponent is active
  subcomponent INTEGER NOT NULL,              -- whose
  token_id INTEGER NOT NULL,                  -- the token expected
  mass REAL NOT NULL,                         -- its probability, summed over the subcomponent's firings, or the sampled ones where there is a sample; to float32
  PRIMARY KEY (subcomponent, token_id)
) WITHOUT ROWID;
`

/** Part of a block of detail where the harvest has co-firings: the strongest, by n, by P(c|d) and by Jaccard. */
export const CO_FIRING_SCHEMA = `
CREATE TABLE co_firing (
  subcomponent INTEGER PRIMARY KEY,           -- whose; those without partners have no row
  partners BLOB NOT NULL                      -- varints, as in token_subcomponents; the count is n, positions where both are active, or sampled ones where there is a sample
);
`

/** A block of the vocabulary: the same counts as in detail, by token. */
export const TOKENS_SCHEMA = `
CREATE TABLE token_subcomponents (            -- every subcomponent a token activates at the run's threshold
  token_id INTEGER PRIMARY KEY,               -- in the vocabulary; those that activate none have no row
  subcomponents BLOB NOT NULL                 -- varints, for each module with any: module_id, how many, their numbers each as its distance from the one before less 1, their counts less 1
);
CREATE TABLE token_module (
  token_id INTEGER PRIMARY KEY,               -- in the vocabulary; those that activate none have no row
  active BLOB NOT NULL                        -- varints, for each module, for each level: the number of its subcomponents the token activates
);
`

/** A block of the corpus. */
export const STORIES_SCHEMA = `
CREATE TABLE story (
  story INTEGER PRIMARY KEY,                  -- index in the corpus, from 0
  token_ids BLOB NOT NULL                     -- varints
);
`
