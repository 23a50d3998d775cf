using System.Net;
using System.Net.Sockets;

namespace ModuleTests;

/// <summary>An http proxy on loopback that knows CONNECT only, to whatever it is asked for.</summary>
internal sealed class ConnectProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _tunnels;

    public ConnectProxy()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Tunnels that were opened.</summary>
    public int Tunnels => Volatile.Read(ref _tunnels);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var near = client;
            var stream = near.GetStream();
            using var reader = new StreamReader(stream, leaveOpen: true);
            var destination = (await reader.ReadLineAsync())!.Split(' ')[1].Split(':');
            while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
            {
                // Headers of the request; nothing follows them before the answer.
            }

            using var far = new TcpClient();
            await far.ConnectAsync(destination[0], int.Parse(destination[1], System.Globalization.CultureInfo.InvariantCulture));
            Interlocked.Increment(ref _tunnels);
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
            await Task.WhenAny(stream.CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(stream));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One of the two has hung up.
        }
    }
}
