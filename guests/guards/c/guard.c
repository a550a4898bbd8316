// A guard in C: passes when an order is paid and its total is at least 40.
//
// Guard ABI v1: the host writes a request where `alloc` says and calls `eval`, which answers a region packed into 64
// bits, pointer above length. The JSON is read where it lies: nothing is copied, and the parser reads no byte outside.

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

// Objects and arrays inside one another, the outermost counted. Each takes a few frames of the stack.
enum { DEPTH_MAX = 128 };

// What is still to read.
struct text {
    const char *at, *end;
};

// The values that matter; everything else is only checked.
enum place { ELSEWHERE, REQUEST, CONTEXT, STATUS, TOTAL };

// Found so far. Of members with the same name the last one counts.
struct order {
    bool paid;
    const char *total; // a number's first byte, inside the request
};

static bool value(struct text *in, int depth, enum place place, struct order *order);

static uint64_t answer(const char *json) {
    return (uint64_t)(uintptr_t)json << 32 | strlen(json);
}


static void *request;

// One request at a time: the one before is answered, so its memory is given back.
EXPORT("alloc") void *alloc(size_t size) {
    free(request);
    return request = malloc(size);
}

static void blanks(struct text *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static bool next_is(const struct text *in, char c) {
    return in->at < in->end && *in->at == c;
}

static bool take(struct text *in, char c) {
    bool found = next_is(in, c);
    in->at += found;
    return found;
}

static bool word(struct text *in, const char *wanted) {
    while (*wanted)
        if (!take(in, *wanted++))
            return false;
    return true;
}

// The four digits of `\uXXXX`, or -1.
static int unit(struct text *in) {
    int code = 0;
    for (int i = 0; i < 4; i++, in->at++) {
        if (in->at == in->end)
            return -1;
        char c = *in->at;
        if (c >= '0' && c <= '9')
            code = code * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            code = code * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return code;
}

// What stands for an escape, behind its backslash: a UTF-16 code unit, or -1.
static int escape(struct text *in) {
    if (in->at == in->end)
        return -1;
    switch (*in->at++) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return unit(in);
    default: return -1;
    }
}

// Reads a string, and drops from `names` (a bit each) those of `table` that it is not. Names are ASCII, so that a byte
// of a longer character, or the unit of one, equals nothing in them.
static bool string(struct text *in, const char *const *table, unsigned *names) {
    if (!take(in, '"'))
        return false;
    for (size_t length = 0;; length++) {
        if (in->at == in->end)
            return false;
        int c = (unsigned char)*in->at++;
        bool ends = c == '"';
        if (c < ' ')
            return false;
        if (c == '\\' && (c = escape(in)) < 0)
            return false;
        for (unsigned i = 0, left = *names; left; i++, left >>= 1) {
            // A name that is still in has `length` characters at least: its end is the furthest that is looked at.
            if ((left & 1) && (ends ? table[i][length] != 0 : c == 0 || (unsigned char)table[i][length] != c))
                *names &= ~(1u << i);
        }
        if (ends)
            return true;
    }
}

static bool digits(struct text *in) {
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
        in->at++;
    return in->at > start;
}

static bool number(struct text *in) {
    take(in, '-');
    if (!take(in, '0') && !digits(in))
        return false;
    if (take(in, '.') && !digits(in))
        return false;
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+'))
            take(in, '-');
        return digits(in);
    }
    return true;
}

static bool array(struct text *in, int depth) {
    take(in, '[');
    blanks(in);
    if (take(in, ']'))
        return true;
    do {
        if (!value(in, depth + 1, ELSEWHERE, NULL))
            return false;
    } while (take(in, ','));
    return take(in, ']');
}

// Where a member leads.
static enum place inside(enum place place, unsigned names) {
    if (place == REQUEST && (names & 1))
        return CONTEXT;
    if (place == CONTEXT && (names & 2))
        return STATUS;
    if (place == CONTEXT && (names & 4))
        return TOTAL;
    return ELSEWHERE;
}

static bool object(struct text *in, int depth, enum place place, struct order *order) {
    static const char *const NAMES[] = {"context", "status", "total"};
    take(in, '{');
    blanks(in);
    if (take(in, '}'))
        return true;
    do {
        unsigned names = 7;
        blanks(in);
        if (!string(in, NAMES, &names))
            return false;
        blanks(in);
        if (!take(in, ':') || !value(in, depth + 1, inside(place, names), order))
            return false;
    } while (take(in, ','));
    return take(in, '}');
}

// Reads one value and the blanks around it.
static bool value(struct text *in, int depth, enum place place, struct order *order) {
    static const char *const PAID[] = {"paid"};
    unsigned names = 1;
    bool read = false, is_number = false, is_string = false;
    blanks(in);
    if (in->at == in->end)
        return false;
    if (place == CONTEXT)
        *order = (struct order){0};
    const char *start = in->at;
    switch (*start) {
    case '{': read = depth <= DEPTH_MAX && object(in, depth, place, order); break;
    case '[': read = depth <= DEPTH_MAX && array(in, depth); break;
    case '"': read = is_string = string(in, PAID, &names); break;
    case 't': read = word(in, "true"); break;
    case 'f': read = word(in, "false"); break;
    case 'n': read = word(in, "null"); break;
    default: read = is_number = number(in);
    }
    if (place == STATUS)
        order->paid = is_string && names;
    if (place == TOTAL)
        order->total = is_number ? start : NULL;
    blanks(in);
    return read;
}

EXPORT("eval") uint64_t eval(const char *ptr, size_t size) {
    struct text in = {ptr, ptr + size};
    struct order order = {0};
    if (!value(&in, 1, REQUEST, &order) || in.at != in.end)
        return answer("{\"ok\":false,\"reason\":\"malformed request\"}");
    if (!order.paid)
        return answer("{\"ok\":false,\"reason\":\"status is not paid\"}");
    // The text is JSON as a whole, so that a byte that is no number's follows, still inside the request.
    double total = order.total ? strtod(order.total, NULL) : 0;
    if (!(total >= 40 && isfinite(total)))
        return answer("{\"ok\":false,\"reason\":\"total is not 40 or more\"}");
    return answer("{\"ok\":true}");
}
