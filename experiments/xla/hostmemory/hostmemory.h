// What the C and the Go files share.
#define RN_HUGEPAGES_ENV "RN_HUGE_PAGES"
#define RN_HUGEPAGES_LEAST ((size_t)4 << 20)
#define RN_HUGEPAGES_SIZE ((size_t)2 << 20)

int rn_hugepages_on(void);

// Whether anything was given back.
int rn_trim(void);
