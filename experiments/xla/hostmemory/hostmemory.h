// What the C and the Go files share.
#define RN_HUGEPAGES_LEAST ((size_t)4 << 20)
#define RN_HUGEPAGES_SIZE ((size_t)2 << 20)

// rn_hugepages_use switches huge pages on; rn_hugepages_on tells whether they are on.
void rn_hugepages_use(void);
int rn_hugepages_on(void);

// rn_trim returns freed memory to the system and tells whether there was any.
int rn_trim(void);

// rn_one_arena makes threads share arenas from now on and tells whether the C library has arenas.
int rn_one_arena(void);
