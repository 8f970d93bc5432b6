import { stringify } from 'yaml'
import { type SyntheticRun, syntheticName } from './SyntheticRun.ts'

/** final_config.yaml of a synthetic run, in the words of the `spd` package; a comment and the names say what it is. */
export function syntheticRunConfig(run: SyntheticRun): string {
  const name = syntheticName(run)
  const config = {
    seed: run.seed,
    module_info: run.modules.map(({ path, C }) => ({ module_pattern: path, C })),
    ci_fn_type: run.ciKind,
    ci_fn_hidden_dims: run.ciHidden,
    sigmoid_type: 'leaky_hard',
    sampling: 'continuous',
    use_delta_component: true,
    steps: 0,
    pretrained_model_class: 'transformers.LlamaForCausalLM',
    pretrained_model_name: name,
    pretrained_model_output_attr: 'logits',
    tokenizer_name: name,
    task_config: {
      task_name: 'lm',
      max_seq_len: run.target.contextLength,
      dataset_name: name,
      column_name: 'story',
    },
  }
  return `# Synthetic: drawn at random by SPD Atlas from seed ${run.seed} and calibrated, trained on nothing.\n${stringify(config)}`
}
