# JSON by key: what keymerge's tests do not say.
load ../lib/common

@test "what is set or removed leaves the rest of the text as it was" {
	scratch
	run -0 "$PROBE/unit/jsonkeys"
}
