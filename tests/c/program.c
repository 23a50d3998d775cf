/* The C ABI used by a program in C: every function of the header, good and bad arguments, and no leak.
   Usage: program SNAPSHOT CALLS */
#include "esgmailboxsync_native.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID = 1, FAILED = 2, CANCELLED = 3 };
enum { GET_SNAPSHOT = 4, GET_DELEGATIONS = 7 };
enum { EVENT_DELEGATION = 4 };

static int failures;

static void check(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

typedef struct {
    uint64_t events;
    uint64_t bytes;
    int stop;
} seen;

static int32_t on_event(uint64_t context, uint32_t kind, const uint8_t *data, uint64_t len) {
    seen *s = (seen *)(uintptr_t)context;
    if (kind == EVENT_DELEGATION) {
        s->events++;
        s->bytes += len;
        check(len > 1 && data[0] == '[' && data[len - 1] == ']', "an event is a JSON array");
    }
    return s->stop;
}

static int contains(const esgsyncbytes *bytes, const char *text) {
    uint64_t length = strlen(text);
    for (uint64_t i = 0; bytes->ptr && i + length <= bytes->len; i++) {
        if (memcmp(bytes->ptr + i, text, length) == 0) return 1;
    }
    return 0;
}

static int32_t call(esgsyncengine *engine, uint32_t method, const char *request, esgsynccancel *cancel, seen *s, esgsyncbytes *reply) {
    return esgsync_call(engine, method, (const uint8_t *)request, strlen(request), cancel, on_event, (uint64_t)(uintptr_t)s, reply);
}

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    long calls = strtol(argv[2], NULL, 10);
    const uint8_t *hash = esgsync_abi_hash();
    for (int i = 0; i < 64; i++) check(strchr("0123456789abcdef", hash[i]) != NULL, "the hash is hexadecimal");

    esgsyncengine *engine = NULL;
    esgsyncbytes reply = {0};
    check(esgsync_engine_open(NULL, &reply) == INVALID, "no place for the engine");
    esgsync_bytes_free(&reply);
    check(esgsync_engine_open(&engine, &reply) == OK && engine, "engine opens");
    esgsync_bytes_free(&reply);

    char request[4096];
    snprintf(request, sizeof request, "{\"read\":[\"%s\"]}", argv[1]);
    uint64_t snapshot = 0;
    check(esgsync_snapshot_open(engine, (const uint8_t *)request, strlen(request), NULL, &snapshot, &reply) == OK, "snapshot opens");
    esgsync_bytes_free(&reply);

    uint64_t first = 0;
    for (long i = 0; i < calls; i++) {
        seen s = {0};
        esgsynccancel *cancel = esgsync_cancel_new();
        snprintf(request, sizeof request, "{\"snapshot\":%" PRIu64 "}", snapshot);
        check(call(engine, GET_DELEGATIONS, request, cancel, &s, &reply) == OK, "delegations");
        check(s.events > 0 && contains(&reply, "\"count\":"), "delegations arrive");
        esgsync_bytes_free(&reply);
        if (i == 0) first = s.bytes;
        check(s.bytes == first, "the same answer every time");
        esgsync_cancel_free(cancel);
    }

    seen s = {0};
    esgsynccancel *cancel = esgsync_cancel_new();
    s.stop = 1;
    check(call(engine, GET_DELEGATIONS, request, cancel, &s, &reply) == CANCELLED, "the callback stops a call");
    esgsync_bytes_free(&reply);
    s.stop = 0;
    esgsync_cancel_fire(cancel);
    esgsync_cancel_fire(cancel);
    check(call(engine, GET_DELEGATIONS, request, cancel, &s, &reply) == CANCELLED, "a fired cancellation stops a call");
    esgsync_bytes_free(&reply);
    esgsync_cancel_free(cancel);

    check(call(engine, GET_SNAPSHOT, "{\"snapshot\":999}", NULL, &s, &reply) == FAILED && contains(&reply, "\"recommendedAction\""), "no such snapshot");
    esgsync_bytes_free(&reply);
    check(call(engine, 9999, "{}", NULL, &s, &reply) == FAILED, "no such method");
    esgsync_bytes_free(&reply);
    check(call(engine, GET_SNAPSHOT, "not json", NULL, &s, &reply) == FAILED, "a request that is no JSON");
    esgsync_bytes_free(&reply);
    check(esgsync_call(engine, GET_SNAPSHOT, NULL, 5, NULL, NULL, 0, &reply) == INVALID, "a null request with a length");
    esgsync_bytes_free(&reply);
    check(esgsync_call(NULL, GET_SNAPSHOT, NULL, 0, NULL, NULL, 0, &reply) == INVALID && contains(&reply, "engine is null"), "a null engine");
    esgsync_bytes_free(&reply);
    check(esgsync_snapshot_feed(engine, snapshot, (const uint8_t *)"{}\n", 3, &reply) == FAILED, "feeding a finished snapshot");
    esgsync_bytes_free(&reply);
    esgsync_bytes_free(&reply);
    esgsync_bytes_free(NULL);
    esgsync_cancel_fire(NULL);
    esgsync_cancel_free(NULL);
    esgsync_snapshot_close(engine, snapshot);
    esgsync_snapshot_close(engine, snapshot);
    esgsync_snapshot_close(NULL, 1);
    esgsync_engine_close(engine);
    esgsync_engine_close(NULL);
    printf("%ld calls, %" PRIu64 " bytes each\n", calls, first);
    return failures == 0 ? 0 : 1;
}
