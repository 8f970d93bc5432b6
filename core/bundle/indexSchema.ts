/**
 * The index: SQLite files written by `index` and read in the tab. Every file carries INDEX_VERSION as user_version;
 * any other number is refused. Column names are those of definitions.md and of `table`.
 */
export const INDEX_VERSION = 1

/** One small file, fetched first: everything the overview and the tables need. */
export const SUMMARY_SCHEMA = `
CREATE TABLE module (
  module_id INTEGER PRIMARY KEY,           -- order of execution, from 0
  module TEXT NOT NULL UNIQUE,
  layer INTEGER,
  kind TEXT NOT NULL,
  c INTEGER NOT NULL,                      -- number of subcomponents
  active INTEGER NOT NULL, dead INTEGER NOT NULL, rare INTEGER NOT NULL, frequent INTEGER NOT NULL,
  truly_monosemantic INTEGER NOT NULL, highly_specialised INTEGER NOT NULL, specialised INTEGER NOT NULL,
  moderate INTEGER NOT NULL, polysemantic INTEGER NOT NULL,
  median_unique_tokens REAL,               -- over active subcomponents; null where none is
  mean_l0 REAL NOT NULL                    -- active subcomponents a position
);
CREATE TABLE token (
  token_id INTEGER PRIMARY KEY,
  token TEXT NOT NULL,                     -- as the tokenizer writes it
  occurrences INTEGER NOT NULL             -- positions of the corpus that hold it
);
CREATE TABLE subcomponent (
  module_id INTEGER NOT NULL REFERENCES module,
  subcomponent INTEGER NOT NULL,           -- 0 <= subcomponent < c
  activation_count INTEGER NOT NULL,
  unique_tokens INTEGER NOT NULL,
  class TEXT NOT NULL,                     -- dead, truly_monosemantic, highly_specialised, specialised, moderate, polysemantic
  mean_ci REAL,                            -- null where the harvest did not keep it
  firing_density REAL NOT NULL,
  top10_count INTEGER NOT NULL,            -- firings on its ten most frequent tokens
  high_concentration INTEGER NOT NULL,     -- 1 where top10_count / activation_count > 0.9
  rank INTEGER,                            -- 1 is the most active of its module, lower number first on ties; null where dead
  write_norm REAL NOT NULL,                -- ‖U[c]‖₂
  PRIMARY KEY (module_id, subcomponent)
) WITHOUT ROWID;
CREATE TABLE top_token (                   -- the ten most frequent, more firings first, then the lower id
  module_id INTEGER NOT NULL, subcomponent INTEGER NOT NULL,
  rank INTEGER NOT NULL,                   -- from 1
  token_id INTEGER NOT NULL REFERENCES token,
  count INTEGER NOT NULL,
  PRIMARY KEY (module_id, subcomponent, rank)
) WITHOUT ROWID;
CREATE TABLE example_story (               -- short stories of the corpus, to click on
  rank INTEGER PRIMARY KEY, story INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL
);
`

/** A block of one module's subcomponents: what one subcomponent's page needs beyond the summary. */
export const DETAIL_SCHEMA = `
CREATE TABLE token_counts (                -- every (token, count) of a subcomponent
  subcomponent INTEGER PRIMARY KEY,
  pairs BLOB NOT NULL                      -- varints, see encodeTokenCounts
);
CREATE TABLE top_token (                   -- the fifty most frequent as rows
  subcomponent INTEGER NOT NULL, rank INTEGER NOT NULL, token_id INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (subcomponent, rank)
) WITHOUT ROWID;
CREATE TABLE example (                     -- a sample of firings, uniform where the stories are known
  subcomponent INTEGER NOT NULL, rank INTEGER NOT NULL,
  story INTEGER,                           -- index in the corpus, from 0; null where the stories are not known
  position INTEGER NOT NULL,               -- of the firing token, from 0, in its story; in the window where story is null
  causal_importance REAL NOT NULL,
  inner_activation REAL,                   -- null where the harvest did not keep it
  window_start INTEGER NOT NULL,           -- position of the window's first token
  token_ids BLOB NOT NULL,                 -- varints, the window's tokens
  window_ci BLOB NOT NULL,                 -- a byte a token: 0 where not active, else 1 + round(254 min(ci, 1))
  PRIMARY KEY (subcomponent, rank)
) WITHOUT ROWID;
`

/** Part of the summary where the harvest has output tokens; without the table nothing is known, which is not zero. */
export const OUTPUT_TOTAL_SCHEMA = `
CREATE TABLE output_total (                -- of the target model's output
  token_id INTEGER PRIMARY KEY REFERENCES token,
  mass REAL NOT NULL                       -- its probability, summed over all positions
);
`

/** Part of a block of detail where the harvest has output tokens: the strongest, by mass and by share of the total. */
export const OUTPUT_TOKEN_SCHEMA = `
CREATE TABLE output_token (                -- what the target model expects next where the subcomponent is active
  subcomponent INTEGER NOT NULL,
  token_id INTEGER NOT NULL,
  mass REAL NOT NULL,                      -- its probability, summed over the subcomponent's firings
  PRIMARY KEY (subcomponent, token_id)
) WITHOUT ROWID;
`

/** Part of a block of detail where the harvest has co-firings: the strongest, by n, by P(c|d) and by Jaccard. */
export const CO_FIRING_SCHEMA = `
CREATE TABLE co_firing (
  subcomponent INTEGER NOT NULL,
  partner_module_id INTEGER NOT NULL,
  partner INTEGER NOT NULL,                -- the other subcomponent's number in its module
  count INTEGER NOT NULL,                  -- n, positions where both are active
  PRIMARY KEY (subcomponent, partner_module_id, partner)
) WITHOUT ROWID;
`

/** A block of the corpus. */
export const STORIES_SCHEMA = `
CREATE TABLE story (
  story INTEGER PRIMARY KEY,
  token_ids BLOB NOT NULL                  -- varints
);
`
