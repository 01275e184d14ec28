/**
 * A certificate for localhost and 127.0.0.1 that is its own authority, valid until 2126, and its key. For tests of TLS
 * on this machine: the key is public, so nobody may trust it.
 */
export const localhostCertificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUUIYtEd1qWopje91tmLgLFdcrKKIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE0MDIxOFoYDzIxMjYxMDI4
MTQwMjE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARkN6SuEUdjJ1PnPqRW1rKsvitauRvzOw+0CmPKGv6d33OBlwWmtYFf
yJwiF9iYRhRZ9PsbPiPR+W/8ajtwwzgwo28wbTAdBgNVHQ4EFgQUVI3CJD1x9UQE
a0ubJ4u7sk4lczIwHwYDVR0jBBgwFoAUVI3CJD1x9UQEa0ubJ4u7sk4lczIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhANabIpCz8Zx3YKJLhjkhgLK9YPwYBobuj2V21KRexUX+AiEA
vkFDaHaOomJQZHg54rIGtgOS/DPZgBQgt/U7U3l3mlE=
-----END CERTIFICATE-----
`;

export const localhostKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaySuQatEad8cZO3Q
6DWoalEOlaWO5QAxWmAi/QlWEyehRANCAARkN6SuEUdjJ1PnPqRW1rKsvitauRvz
Ow+0CmPKGv6d33OBlwWmtYFfyJwiF9iYRhRZ9PsbPiPR+W/8ajtwwzgw
-----END PRIVATE KEY-----
`;
