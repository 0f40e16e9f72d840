// Programs that run for a while over more memory than they are given, and check themselves.
#include "../env/env.h"

static u64 next(u64* state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#define WORDS 1536
static u64 words[WORDS];

static void sift(u64* heap, u64 at, u64 size) {
    for (;;) {
        u64 child = 2 * at + 1;
        if (child >= size) return;
        if (child + 1 < size && heap[child] < heap[child + 1]) child++;
        if (heap[at] >= heap[child]) return;
        u64 word = heap[at];
        heap[at] = heap[child];
        heap[child] = word;
        at = child;
    }
}

TEST(heap_sort_keeps_the_words_and_orders_them) {
    u64 state = 88172645463325252, sum = 0, mix = 0;
    for (u64 i = 0; i < WORDS; i++) {
        words[i] = next(&state);
        sum += words[i];
        mix ^= words[i];
    }
    for (u64 i = WORDS / 2; i-- > 0;) sift(words, i, WORDS);
    for (u64 size = WORDS; size-- > 1;) {
        u64 largest = words[0];
        words[0] = words[size];
        words[size] = largest;
        sift(words, 0, size);
    }
    for (u64 i = 0; i < WORDS; i++) {
        CHECK(i == 0 || words[i - 1] <= words[i]);
        sum -= words[i];
        mix ^= words[i];
    }
    EQUAL(sum, 0);
    EQUAL(mix, 0);
    return 0;
}

static u32 crc32(const u8* bytes, u64 size) {
    u32 crc = ~0u;
    for (u64 i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

TEST(crc_has_its_published_check_value) {
    static const u8 digits[] = "123456789";
    EQUAL(crc32(digits, 9), 0xcbf43926);
    return 0;
}

TEST(crc_of_a_message_and_its_crc_is_the_residue) {
    static u8 message[4096 + 4];
    u64 state = 4711;
    for (u64 i = 0; i < sizeof message - 4; i++) message[i] = next(&state);
    u32 crc = crc32(message, sizeof message - 4);
    for (int i = 0; i < 4; i++) message[sizeof message - 4 + i] = crc >> 8 * i;
    EQUAL(crc32(message, sizeof message), 0x2144df1c);
    return 0;
}

#define SIDE 12
static u64 a[SIDE][SIDE], b[SIDE][SIDE], product[SIDE][SIDE];

// (A B) v = A (B v), modulo 2^64
TEST(matrix_product_agrees_with_the_product_of_products) {
    u64 state = 1234567, v[SIDE], bv[SIDE];
    for (int i = 0; i < SIDE; i++) {
        v[i] = next(&state);
        for (int j = 0; j < SIDE; j++) a[i][j] = next(&state), b[i][j] = next(&state);
    }
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            product[i][j] = 0;
            for (int k = 0; k < SIDE; k++) product[i][j] += a[i][k] * b[k][j];
        }
    }
    for (int i = 0; i < SIDE; i++) {
        bv[i] = 0;
        for (int j = 0; j < SIDE; j++) bv[i] += b[i][j] * v[j];
    }
    for (int i = 0; i < SIDE; i++) {
        u64 one = 0, other = 0;
        for (int j = 0; j < SIDE; j++) one += product[i][j] * v[j], other += a[i][j] * bv[j];
        EQUAL(one, other);
    }
    return 0;
}

// A list whose links jump over all pages, followed and reversed.
TEST(a_list_across_pages_has_every_node_once) {
    enum { NODES = 251, STEP = 87 };  // a prime, so every node is reached
    static struct node {
        struct node* next;
        u64 number, padding[10];
    } nodes[NODES];
    for (u64 i = 0; i < NODES; i++) {
        nodes[i].next = &nodes[(i + STEP) % NODES];
        nodes[i].number = i;
    }
    u64 count = 0, sum = 0;
    struct node* at = nodes;
    do {
        asm volatile("amoadd.d zero, %0, (%1)" ::"r"(1ull), "r"(&at->padding[3]) : "memory");
        sum += at->number;
        at = at->next;
        count++;
    } while (at != nodes);
    EQUAL(count, NODES);
    EQUAL(sum, (u64)NODES * (NODES - 1) / 2);
    for (u64 i = 0; i < NODES; i++) EQUAL(nodes[i].padding[3], 1);
    return 0;
}
