// Logits of llama.cpp after each id of a text, as raw little-endian floats, row by row.
//
//   llama-cpp-logits MODEL.gguf CONTEXT ID [ID ...] >LOGITS.f32
//   llama-cpp-logits --states MODEL.gguf CONTEXT ID [ID ...] >STATES.f32
//
// With --states, for encoders, the states after the last layer in place of logits.
//
// Weights and the cache of keys and values as they are (f32), flash attention off, one thread, all
// ids in one batch. Used by llama-cpp-fixtures.py, exported-fixtures.py and jina-fixtures.py.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "llama.h"

int main(int count, char ** arguments) {
    bool states = count > 1 && strcmp(arguments[1], "--states") == 0;
    if (states) {
        count--;
        arguments++;
    }
    if (count < 4) {
        fprintf(stderr, "usage: llama-cpp-logits [--states] MODEL.gguf CONTEXT ID [ID ...]\n");
        return 2;
    }
    llama_backend_init();
    llama_model_params file = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(arguments[1], file);
    if (!model) {
        return 1;
    }
    std::vector<llama_token> ids;
    for (int place = 3; place < count; place++) {
        ids.push_back(atoi(arguments[place]));
    }
    llama_context_params settings = llama_context_default_params();
    settings.n_ctx           = atoi(arguments[2]);
    settings.n_batch         = settings.n_ubatch = settings.n_outputs_max = ids.size();
    settings.n_threads       = settings.n_threads_batch = 1;
    settings.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    settings.type_k          = settings.type_v = GGML_TYPE_F32;
    if (states) {
        settings.embeddings   = true;
        settings.pooling_type = LLAMA_POOLING_TYPE_NONE;
    }
    llama_context * context = llama_init_from_model(model, settings);
    if (!context) {
        return 1;
    }
    llama_batch batch = llama_batch_init(ids.size(), 0, 1);
    batch.n_tokens = ids.size();
    for (int place = 0; place < batch.n_tokens; place++) {
        batch.token[place]     = ids[place];
        batch.pos[place]       = place;
        batch.n_seq_id[place]  = 1;
        batch.seq_id[place][0] = 0;
        batch.logits[place]    = 1;
    }
    if (llama_decode(context, batch) != 0) {
        return 1;
    }
    size_t vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    size_t hidden = llama_model_n_embd(model);
    for (int place = 0; place < batch.n_tokens; place++) {
        const float * row = states ? llama_get_embeddings_ith(context, place) : llama_get_logits_ith(context, place);
        fwrite(row, sizeof(float), states ? hidden : vocabulary, stdout);
    }
    return 0;
}
