using System;
using System.Net;

namespace EsgMailboxSync.Connections
{
    /// <summary>The proxy that the system names for an address. .NET knows PAC files, the registry and proxy variables; the engine reads none of them (design 9, 11).</summary>
    internal static class SystemProxy
    {
        /// <summary>The proxy, or null when the way is direct. Loopback is always direct.</summary>
        internal static Uri For(Uri destination)
        {
            if (!destination.IsAbsoluteUri || destination.IsLoopback) { return null; }
            var proxy = WebRequest.DefaultWebProxy;
            if (proxy == null || proxy.IsBypassed(destination)) { return null; }
            var address = proxy.GetProxy(destination);
            return address == null || address == destination ? null : address;
        }

        /// <summary>The account that the system has for its proxy, if any.</summary>
        internal static NetworkCredential CredentialFor(Uri proxy)
        {
            return WebRequest.DefaultWebProxy?.Credentials?.GetCredential(proxy, "Basic");
        }
    }
}
