//! Hints to the processor; they change nothing.

/// Is there a way to bring memory in without waiting for it?
pub(crate) const CAN_PREFETCH: bool = cfg!(all(feature = "prefetch", target_feature = "sse"));

/// Brings a value's first cache line in, if there is a way to do so without waiting for it.
#[inline]
pub(crate) fn prefetch<T>(value: &T) {
    #[cfg(all(feature = "prefetch", target_feature = "sse"))]
    safe_arch::prefetch_t0(value);
    #[cfg(not(all(feature = "prefetch", target_feature = "sse")))]
    let _ = value;
}
