// Causal importance on the CPU, fused: what importance.py's draw_mask does in dozens of passes over memory, in two each
// way. Shapes: N positions, C subcomponents, K hidden neurons of a causal importance function; all float32, contiguous.
//
//   gamma[n,c] = b_out[c] + sum_k w_out[k,c] gelu(h[n,c] w_in[k,c] + b_in[k,c])
//   mask[n,c]  = g + (1 - g) u,  g = clamp(gamma, 0, 1),  u ~ U(0, 1)
//   penalty    = sum over n, c of (upper_leaky(gamma) + eps)^p
#include <torch/extension.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

using torch::Tensor;

// Subcomponents handled together: a few vector registers' worth. C must be a multiple.
constexpr int BLOCK = 64;
constexpr int MAX_HIDDEN = 16;
constexpr float LEAK = 0.01f;
constexpr float ACTIVE_THRESHOLD = 0.01f;
constexpr float PENALTY_EPS = 1e-12f;

static void check_shapes(const Tensor& h, const Tensor& w_in) {
  TORCH_CHECK(h.dim() == 2 && w_in.dim() == 2 && w_in.size(1) == h.size(1), "gate.cpp: h is not [N, C] or w_in not [K, C]");
  TORCH_CHECK(h.size(1) % BLOCK == 0, "gate.cpp: C is ", h.size(1), ", expected a multiple of ", BLOCK);
  TORCH_CHECK(w_in.size(0) <= MAX_HIDDEN, "gate.cpp: K is ", w_in.size(0), ", expected at most ", MAX_HIDDEN);
}

// Gaussian cdf and pdf at z, one exp between them (Abramowitz & Stegun 7.1.26: error of the cdf below 2e-7; exp by range
// reduction and a polynomial of degree 6, which the compiler can vectorise).
static inline void gaussian(float z, float& cdf, float& pdf) {
  float x = std::fmax(-0.5f * z * z, -80.f);
  float n = std::nearbyintf(x * 1.44269504f);
  float r = x - n * 0.693145752f - n * 1.42860677e-6f;
  float p = 1.f + r * (1.f + r * (0.5f + r * (0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
  union { int i; float f; } power_of_two;
  power_of_two.i = ((int)n + 127) << 23;
  float e = p * power_of_two.f;
  float t = 1.f / (1.f + 0.3275911f * 0.70710678f * std::fabs(z));
  float tail = 0.5f * e * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  cdf = z > 0.f ? 1.f - tail : tail;
  pdf = 0.39894228f * e;
}

// h [N,C], w_in, b_in, w_out [K,C], b_out [C] -> gamma [N,C].
Tensor forward(Tensor h, Tensor w_in, Tensor b_in, Tensor w_out, Tensor b_out) {
  check_shapes(h, w_in);
  const int N = h.size(0), C = h.size(1), K = w_in.size(0);
  auto gamma = torch::empty_like(h);
  const float *H = h.data_ptr<float>(), *WI = w_in.data_ptr<float>(), *BI = b_in.data_ptr<float>();
  const float *WO = w_out.data_ptr<float>(), *BO = b_out.data_ptr<float>();
  float* out = gamma.data_ptr<float>();
#pragma omp parallel for schedule(static)
  for (int n = 0; n < N; n++) {
    for (int c0 = 0; c0 < C; c0 += BLOCK) {
      float acc[BLOCK];
      for (int j = 0; j < BLOCK; j++) acc[j] = BO[c0 + j];
      const float* hp = H + (long)n * C + c0;
      for (int k = 0; k < K; k++) {
        const float *w = WI + (long)k * C + c0, *b = BI + (long)k * C + c0, *o = WO + (long)k * C + c0;
#pragma omp simd
        for (int j = 0; j < BLOCK; j++) {
          float z = hp[j] * w[j] + b[j];
          float cdf, pdf;
          gaussian(z, cdf, pdf);
          acc[j] += o[j] * z * cdf;
        }
      }
      for (int j = 0; j < BLOCK; j++) out[(long)n * C + c0 + j] = acc[j];
    }
  }
  return gamma;
}

// Gradient of gamma [N,C] -> gradients of h, w_in, b_in, w_out, b_out.
std::vector<Tensor> backward(Tensor grad, Tensor h, Tensor w_in, Tensor b_in, Tensor w_out) {
  check_shapes(h, w_in);
  const int N = h.size(0), C = h.size(1), K = w_in.size(0);
  auto grad_h = torch::empty_like(h);
  auto grad_w_in = torch::empty_like(w_in), grad_b_in = torch::empty_like(w_in), grad_w_out = torch::empty_like(w_in);
  auto grad_b_out = torch::empty({C}, h.options());
  const float *G = grad.data_ptr<float>(), *H = h.data_ptr<float>();
  const float *WI = w_in.data_ptr<float>(), *BI = b_in.data_ptr<float>(), *WO = w_out.data_ptr<float>();
  float *GH = grad_h.data_ptr<float>(), *GWI = grad_w_in.data_ptr<float>(), *GBI = grad_b_in.data_ptr<float>();
  float *GWO = grad_w_out.data_ptr<float>(), *GBO = grad_b_out.data_ptr<float>();
#pragma omp parallel for schedule(static)
  for (int c0 = 0; c0 < C; c0 += BLOCK) {
    float gwi[MAX_HIDDEN][BLOCK] = {}, gbi[MAX_HIDDEN][BLOCK] = {}, gwo[MAX_HIDDEN][BLOCK] = {}, gbo[BLOCK] = {};
    for (int n = 0; n < N; n++) {
      const float *hp = H + (long)n * C + c0, *gp = G + (long)n * C + c0;
      float acc[BLOCK] = {};
      for (int k = 0; k < K; k++) {
        const float *w = WI + (long)k * C + c0, *b = BI + (long)k * C + c0, *o = WO + (long)k * C + c0;
#pragma omp simd
        for (int j = 0; j < BLOCK; j++) {
          float z = hp[j] * w[j] + b[j];
          float cdf, pdf;
          gaussian(z, cdf, pdf);
          float dz = gp[j] * o[j] * (cdf + z * pdf);
          acc[j] += dz * w[j];
          gwi[k][j] += dz * hp[j];
          gbi[k][j] += dz;
          gwo[k][j] += gp[j] * z * cdf;
        }
      }
      for (int j = 0; j < BLOCK; j++) {
        GH[(long)n * C + c0 + j] = acc[j];
        gbo[j] += gp[j];
      }
    }
    for (int k = 0; k < K; k++) {
      std::copy_n(gwi[k], BLOCK, GWI + (long)k * C + c0);
      std::copy_n(gbi[k], BLOCK, GBI + (long)k * C + c0);
      std::copy_n(gwo[k], BLOCK, GWO + (long)k * C + c0);
    }
    std::copy_n(gbo, BLOCK, GBO + c0);
  }
  return {grad_h, grad_w_in, grad_b_in, grad_w_out, grad_b_out};
}

// A uniform draw in [0, 1) for an element, from its index: made again in the backward pass instead of stored.
static inline float uniform(uint32_t seed, uint32_t i) {
  uint32_t x = i * 0x9E3779B1u ^ seed;
  x ^= x >> 16; x *= 0x21F0AAADu; x ^= x >> 15; x *= 0x735A2D97u; x ^= x >> 15;
  return (x >> 8) * (1.f / 16777216.f);
}

static inline float upper_leaky(float gamma) { return gamma > 1.f ? 1.f + LEAK * (gamma - 1.f) : gamma; }

// gamma [N,C] -> mask [N,C], penalty [], number active []. Most blocks hold no positive gamma and skip the power.
std::vector<Tensor> mask_forward(Tensor gamma, double p, int64_t seed) {
  const long n = gamma.numel();
  auto mask = torch::empty_like(gamma);
  const float* P = gamma.data_ptr<float>();
  float* M = mask.data_ptr<float>();
  double penalty = 0, active = 0;
#pragma omp parallel for schedule(static) reduction(+ : penalty, active)
  for (long block = 0; block < n; block += BLOCK) {
    const long end = std::min(n, block + BLOCK);
    bool any = false;
#pragma omp simd reduction(| : any)
    for (long i = block; i < end; i++) {
      float g = std::fmin(std::fmax(P[i], 0.f), 1.f);
      M[i] = g + (1.f - g) * uniform((uint32_t)seed, (uint32_t)i);
      any |= P[i] > 0.f;
    }
    if (!any) continue;
    for (long i = block; i < end; i++) {
      if (P[i] <= 0.f) continue;
      penalty += std::pow(upper_leaky(P[i]) + PENALTY_EPS, (float)p);
      active += P[i] > ACTIVE_THRESHOLD;
    }
  }
  return {mask, torch::tensor(penalty, gamma.options()), torch::tensor(active, gamma.options())};
}

// Gradients of mask [N,C] and penalty -> gradient of gamma [N,C], through the leaky sigmoids of importance.py.
Tensor mask_backward(Tensor grad_mask, Tensor gamma, double grad_penalty, double p, int64_t seed) {
  const long n = gamma.numel();
  auto grad_gamma = torch::empty_like(gamma);
  const float *P = gamma.data_ptr<float>(), *GM = grad_mask.data_ptr<float>();
  float* G = grad_gamma.data_ptr<float>();
#pragma omp parallel for schedule(static)
  for (long block = 0; block < n; block += BLOCK) {
    const long end = std::min(n, block + BLOCK);
    bool any = false;
#pragma omp simd reduction(| : any)
    for (long i = block; i < end; i++) {
      float dg = GM[i] * (1.f - uniform((uint32_t)seed, (uint32_t)i));
      G[i] = P[i] <= 0.f ? (dg < 0.f ? LEAK * dg : 0.f) : (P[i] <= 1.f ? dg : 0.f);
      any |= P[i] > 0.f;
    }
    if (!any) continue;
    for (long i = block; i < end; i++) {
      if (P[i] <= 0.f) continue;
      float slope = P[i] > 1.f ? LEAK : 1.f;
      G[i] += (float)(grad_penalty * p) * std::pow(upper_leaky(P[i]) + PENALTY_EPS, (float)p - 1.f) * slope;
    }
  }
  return grad_gamma;
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("forward", &forward);
  m.def("backward", &backward);
  m.def("mask_forward", &mask_forward);
  m.def("mask_backward", &mask_backward);
}
